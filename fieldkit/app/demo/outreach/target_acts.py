"""What staff does with requests and target lists at their screens."""

from __future__ import annotations

from pathlib import Path

from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.stage import Stage
from fieldkit.app.demo.people import DISTRICT, REGION, VILLAGE
from fieldkit.domain.people.accounts import User
from fieldkit.domain.planning.outreach import TargetVerdict
from ui.presenters.form import FormPresenter
from ui.presenters.targets.import_targets import ImportTargetsPresenter


def register_request(stage: Stage, user: User, sop_id: str, scan: Path) -> None:
    """Register the letter of a desa and begin an activity for it."""
    clerk = stage.clerk
    clerk.sign_in_as(user)
    clerk.open_activities()
    clerk.do("new_request")
    form = clerk.arrive(FormPresenter)
    clerk.wait("fields", lambda: bool(form.state.fields))
    clerk.fill_in(
        {
            "request.sender": f"Pemerintah Desa {VILLAGE.title()}",
            "request.number": "470/12/2026",
            "request.targets": str(len(stage.residents)),
            "request.village": VILLAGE.title(),
            "request.district": DISTRICT.title(),
            "request.region": REGION,
            "request.contact": "Sekretaris desa (contoh)",
            "request.agenda": "A-77",
            "request.scans": str(scan),
        }
    )
    clerk.pick("sop", sop_id)
    clerk.shoot("permohonan")
    clerk.do("accept")
    clerk.wait("request kept", lambda: bool(clerk.context.office.activities.everything()))
    clerk.activity_id = max(line.activity.activity_id for line in clerk.context.office.activities.everything())


def dispose(clerk: Clerk, user: User, no: int, note: str) -> None:
    """Write the disposisi of the request."""
    clerk.open_screen(user, no, "disposition")
    form = clerk.arrive(FormPresenter)
    clerk.wait("fields", lambda: bool(form.state.fields))
    clerk.fill_in({"common.note": note})
    clerk.shoot("disposisi")
    clerk.do("accept")


def import_targets(clerk: Clerk, user: User, no: int, file: Path) -> None:
    """Import a target list from the step that asks for it."""
    clerk.open_screen(user, no, "import_targets")
    presenter = clerk.arrive(ImportTargetsPresenter)
    clerk.typist.type(str(file))
    clerk.do("accept")
    clerk.wait("rows", lambda: bool(presenter.state.rows.count))
    clerk.shoot("impor")
    clerk.do("accept")
    clerk.wait("targets", lambda: bool(clerk.context.visits.targets(clerk.activity_id)))
    clerk.shoot("impor-selesai")


def verify_targets(clerk: Clerk, user: User, no: int) -> None:
    """Say of everybody on the list that they were found in SIAK as written."""
    clerk.open_screen(user, no, "verify_targets")
    presenter = clerk.arrive_at("verify_targets")
    clerk.wait("rows", lambda: bool(presenter.state.rows.count))
    clerk.shoot("verifikasi")
    clerk.press("Ctrl+A")
    clerk.do("verify")
    clerk.wait("verdicts", lambda: not _unchecked(clerk))
    clerk.shoot("verifikasi-selesai")


def _unchecked(clerk: Clerk) -> int:
    return clerk.context.office.verification.tally(clerk.activity_id).get(TargetVerdict.BELUM_DICEK, 0)
