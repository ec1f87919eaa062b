"""Pictures of every screen of the office in each of its states, drawn by the real presenters over a real store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication
from support.app_context import KETUA, Kit
from support.field_office import VISITED_NOW
from support.left_screens import delete_left
from support.letters import AT, KADIS, KASI
from support.lists import HEADER, number, row_of, xlsx
from support.tasks import SameThread
from support.whole_office import PEOPLE, Paperless, WholeOffice, idle_executors, settle_people, whole_office

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Role, User
from fieldkit.ports.repositories import Attachment
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.register_request import PDF
from fieldkit.vault.one_time_codes import TotpCodes
from ui.presenters.delivery.queue import Sending
from ui.presenters.home.places import PlacesPresenter
from ui.presenters.parts import Progress, Stage
from ui.presenters.presenter import message
from ui.runtime.navigation import Navigation, Page
from ui.runtime.theme import ThemeContext
from ui.runtime.typist import grab
from ui.views.shell import Shell
from ui.views.window.pages import SignedIn, screen_factories

LOKET, PRINTER = PEOPLE[Role.LOKET], PEOPLE[Role.OPERATOR_CETAK]
PETUGAS = PEOPLE[Role.PETUGAS_PEREKAMAN]
KEEPER, ADMIN = PEOPLE[Role.PENGURUS_BARANG], PEOPLE[Role.ADMIN_DINAS]
FULL_DISK = Problem("store.disk_full")
LAYOUT_TURNS = 4
ALL = (Stage.LOADING, Stage.EMPTY, Stage.ERROR, Stage.BUSY)
NEVER_EMPTY = (Stage.LOADING, Stage.ERROR, Stage.BUSY)  # opened for something that exists


class Waiting(SameThread):
    """Executors on which everything is still under way."""

    def _queue(self, *_work: object, **_how: object) -> None:
        pass


class Failing(SameThread):
    """Executors on which everything fails."""

    def _queue(
        self, _executor: str, _func: object, _done: object, failed: Callable[[Problem], None], **_how: object
    ) -> None:
        failed(FULL_DISK)


@dataclass(frozen=True)
class Shot:
    """A screen for somebody; `drive` presses on until it shows what the name says."""

    name: str
    screen: str
    user: User = KASI
    params: Callable[[WholeOffice], dict[str, str]] | None = None
    drive: Callable[[Any, WholeOffice], None] = lambda _presenter, _office: None
    states: tuple[Stage, ...] = ALL
    before: Callable[[AppContext], None] = lambda _context: None  # what the user did since signing in


def _code_begun(context: AppContext) -> None:
    factor = context.second_factor
    factor.begin(TotpCodes().code_at(factor.offer().secret, int(context.clock.now().timestamp()) // 30))


def _listed(presenter: Any, office: WholeOffice) -> None:
    rows = [row_of(f"3505125207510{n:03}", f"SITI {chr(65 + n % 26)}", "12-07-1951") for n in range(111, 131)]
    rows[3] = row_of(number("3.50512520751E+15"), "HILANG ANGKA", "12-07-1951")
    path = Path(tempfile.mkdtemp()) / "daftar-jimbe.xlsx"
    path.write_bytes(xlsx([("DATA SASARAN",), HEADER, *rows]))
    presenter.type_path(str(path))
    presenter.accept()


def _letter(name: str) -> Callable[[WholeOffice], dict[str, str]]:
    return lambda office: {"letter_id": office.letters[name]}


def _scanned(office: WholeOffice) -> dict[str, str]:
    (request,) = office.kit.context.office.requests.of(AT)
    with office.kit.store.write() as unit:
        if not unit.attachments.of(request.thing_id):
            scan = Attachment("scan", request.thing_id, "surat.pdf", PDF, office.signed_pdf, "", office.kit.clock.now())
            unit.attachments.put(scan)
    return {"activity_id": AT}


def _none(_office: WholeOffice) -> dict[str, str]:
    return {"activity_id": ""}


def _first_row(presenter: Any, _office: WholeOffice) -> None:
    presenter.select("0")


def _application(far: str, **params: str) -> Callable[[WholeOffice], dict[str, str]]:
    return lambda office: {"application_id": office.applications[far], **params}


def _printed(presenter: Any, _office: WholeOffice) -> None:
    presenter.choose(0, "printed")


def _consumables(presenter: Any, _office: WholeOffice) -> None:
    presenter.choose(0, "consumables")


def _thumbed(presenter: Any, _office: WholeOffice) -> None:
    presenter.accept()
    presenter.perform(next(each for each in presenter.state.bar.actions if each.name == "thumb"))


def _visited_now(_office: WholeOffice) -> dict[str, str]:
    return {"activity_id": AT, "target_id": VISITED_NOW}


def _stick_written(presenter: Any, _office: WholeOffice) -> None:
    presenter.type_place(tempfile.mkdtemp())
    presenter.make(for_new=True)


SHOTS = (
    Shot("activities", "activities"),
    Shot("month", "month", states=()),
    Shot("more", "more"),
    Shot("activity", "activity"),
    Shot("activity-head", "activity", KADIS, states=()),
    Shot("step_form", "step_form", states=()),
    Shot("declare", "declare", states=()),
    Shot("new_activity", "plan", params=_none),
    Shot("request", "request", params=_none),
    Shot("request-photo", "request", params=_none, drive=lambda presenter, _: presenter.photograph("scans"), states=()),
    Shot("request-kept", "request", params=lambda _: {"activity_id": "a1"}, states=()),
    Shot("disposition", "disposition", KADIS),
    Shot("disposition-scan", "disposition", KADIS, params=_scanned, states=()),
    Shot("import_targets", "import_targets", states=()),
    Shot("import_targets-read", "import_targets", drive=_listed),
    Shot("verify_targets", "verify_targets"),
    Shot("siak_answer", "siak_answer", states=()),
    Shot("plan", "plan"),
    Shot("plan-head", "plan", KADIS, states=()),
    Shot("sop_document", "sop_document", states=NEVER_EMPTY),
    Shot("staff", "staff", ADMIN),
    Shot("staff_person", "staff_person", ADMIN, states=()),
    Shot("accounts", "accounts", ADMIN),
    Shot("set_up", "set_up", ADMIN, states=()),
    Shot("recovery_sheet", "recovery_sheet", ADMIN, states=()),
    Shot("second_factor", "second_factor", ADMIN, states=()),
    Shot("second_factor_change", "second_factor_change", ADMIN, states=()),
    Shot("spare_codes", "spare_codes", ADMIN, states=(), before=_code_begun),
    Shot("staff_import", "staff_import", ADMIN, states=()),
    Shot("account_new", "account_new", ADMIN, states=()),
    Shot("account_again", "account_again", ADMIN, states=()),
    Shot("account_end", "account_end", ADMIN, states=()),
    Shot("calendar_days", "calendar_days", ADMIN),
    Shot("letters", "letters"),
    Shot("letter", "letter", params=_letter("draft"), states=NEVER_EMPTY),
    Shot("letter-issued", "letter", params=_letter("issued"), states=()),
    Shot("letter_ink", "letter_ink", params=_letter("issued"), states=()),
    Shot("letter-void", "letter", params=_letter("void"), states=()),
    Shot("letter-signed", "letter", params=_letter("signed"), states=()),
    Shot("sign_letters", "sign_letters", KADIS),
    Shot("sign_letters-ask", "sign_letters", KADIS, drive=lambda presenter, _: presenter.accept(), states=()),
    Shot("verify_letter", "verify_letter", KADIS, states=NEVER_EMPTY),
    Shot("check_out", "check_out", KETUA),
    Shot("check_out-others", "check_out", KADIS, states=()),
    Shot("check_in", "check_in", KETUA),
    Shot("sarpras_izin", "sarpras_izin", KETUA, states=()),
    Shot("sarpras_izin-sign", "sarpras_izin", KEEPER, states=()),
    Shot("sarpras_photo", "sarpras_photo", KETUA, states=()),
    *(Shot(name, name, KETUA, states=()) for name in ("sarpras_note", "sarpras_reason", "sarpras_kits")),
    *(
        Shot(name, name, KEEPER, states=())
        for name in ("sarpras_item", "sarpras_consumable", "sarpras_kit", "sarpras_repair")
    ),
    Shot("inventory", "sarpras", KEEPER),
    Shot("inventory-consumables", "sarpras", KEEPER, drive=_consumables, states=()),
    Shot("item_history", "item_history", KEEPER, lambda _: {"item_id": "j3"}, states=NEVER_EMPTY),
    Shot("applications", "applications", LOKET),
    Shot("application", "application", LOKET, states=NEVER_EMPTY),
    Shot("application-back", "application", LOKET, _application("back"), states=()),
    Shot("application-others", "application", PRINTER, states=()),
    Shot("application-approved", "application", KADIS, _application("approved"), states=()),
    Shot("application-printed", "application", LOKET, _application("printed"), states=()),
    Shot("application-over", "application", LOKET, _application("over"), states=()),
    Shot("application-kia", "application", PRINTER, _application("kia"), states=()),
    Shot("application-new-any", "application", LOKET, lambda _: {"application_id": "", "activity_id": ""}, states=()),
    Shot("application-new", "application", LOKET, lambda _: {"application_id": "", "activity_id": "kk1"}, states=()),
    Shot(
        "application-new-kia", "application", LOKET, lambda _: {"application_id": "", "activity_id": "bp1"}, states=()
    ),
    *(
        Shot(f"application_form-{act}", "application_form", LOKET, _application(far, act=act), states=())
        for far, act in (("new", "send_back"), ("approved", "tte"), ("printed", "print"))
    ),
    Shot("application_papers", "application_papers", LOKET, _application("new"), drive=_first_row, states=NEVER_EMPTY),
    *(Shot(name, name, LOKET, _application("new", place="0"), states=()) for name in ("paper_scan", "paper_wrong")),
    Shot("notices", "notices", LOKET, _application("new"), states=()),
    Shot("notice_record", "notice_record", LOKET, _application("new"), states=()),
    Shot("notice_settings", "notice_settings", ADMIN, _none, states=()),
    Shot("family", "family", PETUGAS, _application("verified"), states=NEVER_EMPTY),
    Shot("family_home", "family_home", PETUGAS, _application("checked"), states=()),
    Shot("family_member", "family_member", PETUGAS, _application("verified", place="1"), states=()),
    Shot("import_applications", "import_applications", LOKET, lambda _: {"activity_id": "bp1"}, states=()),
    Shot("reports", "reports", states=ALL),
    *(
        Shot(f"reports-{name}", "reports", KADIS, drive=lambda presenter, _, n=name: presenter.choose(n), states=())
        for name in ("activities", "minutes", "exceptions", "positions", "devices", "steps", "sla", "documents", "ends")
    ),
    Shot("statuses", "statuses", params=_none),
    Shot("status_note", "status_note", states=NEVER_EMPTY),
    Shot("by_nik", "by_nik", params=_none),
    Shot("nik_status", "nik_status", params=lambda _: {"target_ids": "t1"}, states=NEVER_EMPTY),
    Shot("clocks", "clocks"),
    Shot("distribution", "distribution"),
    Shot("distribution-chosen", "distribution", drive=lambda presenter, _: presenter.tick_all(), states=()),
    Shot("distribution_plan", "distribution_plan"),
    Shot("handover", "handover", LOKET, states=NEVER_EMPTY),
    Shot("handover-batch", "handover", LOKET, lambda _: {"card_ids": "card-005 card-006 card-007"}, states=()),
    Shot("handover-kk", "handover", LOKET, lambda _: {"card_ids": "card-014"}, states=()),
    Shot("handover-sign", "handover", LOKET, drive=lambda presenter, _: presenter.accept(), states=()),
    Shot("handover-thumb", "handover", LOKET, drive=_thumbed, states=()),
    Shot("handover-others", "handover", KADIS, states=()),
    *(Shot(name, name, LOKET, states=()) for name in ("handover_ba", "handover_failed", "distribution_stop")),
    Shot("courier", "courier", LOKET),
    Shot("prints", "prints", PRINTER),
    Shot("prints-later", "prints", drive=lambda presenter, _: presenter.choose(0, "later"), states=()),
    Shot("prints-printed", "prints", PRINTER, drive=_printed, states=()),
    *(Shot(name, name, states=()) for name in ("clock_pause", "card_facts")),
    *(Shot(name, name, PRINTER, states=()) for name in ("print_note", "print_failed", "print_again")),
    Shot("blanks", "blanks", PRINTER),
    Shot("printing_day", "printing_day", PRINTER),
    Shot("queue_numbers", "queue_numbers", LOKET),
    Shot("queue_walk_in", "queue_walk_in", LOKET, states=()),
    *(
        Shot(f"blank_{act}", f"blanks.{act}", PRINTER, states=())
        for act in ("receive", "move", "spoil", "count", "want", "revoke")
    ),
    Shot("reports-blanks", "reports", KADIS, drive=lambda presenter, _: presenter.choose("blanks"), states=()),
    Shot("visits", "visits", KETUA),
    *(Shot(name, name, KETUA, states=()) for name in ("ikd", "ikd_target", "survey")),
    Shot("reports-coverage", "reports", KADIS, drive=lambda presenter, _: presenter.choose("coverage"), states=()),
    Shot("visits-again", "visits", KETUA, drive=lambda presenter, _: presenter.next_filter(0), states=()),
    Shot("visit", "visit", KETUA, states=NEVER_EMPTY),
    Shot("visit-open", "visit", KETUA, _visited_now, states=()),
    Shot(
        "visit-outcome",
        "visit",
        KETUA,
        _visited_now,
        drive=lambda presenter, _: presenter.choose("outcome", "sakit"),
        states=(),
    ),
    Shot("visit-others", "visit", KADIS, _visited_now, states=()),
    Shot("clock", "clock", KETUA, states=NEVER_EMPTY),
    Shot("walk_in", "walk_in", KETUA, states=NEVER_EMPTY),
    Shot("walk_in_without_nik", "walk_in_without_nik", KETUA, states=NEVER_EMPTY),
    Shot("add_nik", "add_nik", KETUA, states=NEVER_EMPTY),
    Shot("official_form", "official_form", KETUA, states=NEVER_EMPTY),
    Shot("trip", "trip", KETUA, states=NEVER_EMPTY),
    Shot("trip-others", "trip", KADIS, states=()),
    Shot("recap", "recap", KETUA),
    Shot("aid", "aid"),
    Shot("aid-others", "aid", KEEPER, states=()),
    *(Shot(name, name, states=NEVER_EMPTY) for name in ("aid_note", "aid_step", "aid_meeting", "aid_result")),
    Shot("evaluation", "evaluation", states=NEVER_EMPTY),
    Shot("exchange", "exchange", KETUA, states=NEVER_EMPTY),
    Shot("exchange-made", "exchange", KETUA, drive=_stick_written, states=()),
    Shot("conflicts", "conflicts", KETUA),
    Shot("conflict", "conflict", KETUA, states=NEVER_EMPTY),
    Shot("conflict-others", "conflict", PRINTER, states=()),
    *(Shot(f"home-{role.value}", "home", user, states=()) for role, user in PEOPLE.items()),
)


@contextmanager
def offices() -> Iterator[tuple[WholeOffice, Kit]]:
    """Give an office in the middle of its work, and one on its first day."""
    with tempfile.TemporaryDirectory() as folder:
        whole = whole_office(Path(folder))
        (Path(folder) / "first").mkdir()
        first = Kit(Path(folder) / "first", KASI)
        first.plan()
        settle_people(first)
        try:
            yield whole, first
        finally:
            first.store.close()
            whole.kit.store.close()


def open_page(
    shell: Shell, theming: ThemeContext, office: WholeOffice, shot: Shot, tasks: SameThread, context: AppContext
) -> Page:
    """Show a screen in the window."""
    navigation: Navigation = shell.navigation
    signed_in = SignedIn(context, Sending(context, tasks), PlacesPresenter(context, tasks))
    door = office.door(context)
    navigation._factories = screen_factories(door, tasks, shell, theming, Paperless(), lambda: signed_in)
    params = shot.params(office) if shot.params else office.params(shot.screen)
    navigation.restart(shot.screen, **params)
    delete_left()
    page = navigation.page
    assert page is not None
    return page


def show(shell: Shell, theming: ThemeContext, office: WholeOffice, shot: Shot) -> Page:
    """Show the content of a shot."""
    context = office.kit.context_of(shot.user)
    shot.before(context)
    page = open_page(shell, theming, office, shot, idle_executors(), context)
    shot.drive(page.presenter, office)
    settle()
    return page


def settle() -> None:
    """Let the layouts come to rest: fields wrap, then columns follow."""
    for _ in range(LAYOUT_TURNS):
        QApplication.processEvents()


def stages(
    shell: Shell, theming: ThemeContext, office: WholeOffice, first: Kit, shot: Shot
) -> Iterator[tuple[Stage, Page]]:
    """Show a screen in each of its other states, one after the other; its content stands there."""
    page = shell.navigation.page
    assert page is not None
    if Stage.BUSY in shot.states:
        progress = Progress(message("ui.stage.busy"))
        page.view.render(replace(page.presenter.state, stage=Stage.BUSY, progress=progress))
        yield Stage.BUSY, page
    executors: dict[Stage, tuple[SameThread, Kit]] = {
        Stage.LOADING: (Waiting(), office.kit),
        Stage.ERROR: (Failing(), office.kit),
        Stage.EMPTY: (idle_executors(), first),
    }
    for stage, (tasks, kit) in executors.items():
        if stage in shot.states:
            page = open_page(shell, theming, office, shot, tasks, kit.context_of(shot.user))
            settle()
            yield stage, page


def draw_office(shell: Shell, theming: ThemeContext, folder: Path) -> None:
    """Write every screen of the office in each of its states."""
    with offices() as (office, first):
        for shot in SHOTS:
            show(shell, theming, office, shot)
            grab(shell, folder / f"{shot.name}.png")
            for stage, _page in stages(shell, theming, office, first, shot):
                grab(shell, folder / f"{shot.name}-{stage.value}.png")
        shell.navigation.close()
