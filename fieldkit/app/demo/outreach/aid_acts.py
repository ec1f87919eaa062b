"""What the kecamatan does about social aid at its screens; the acts of desa and Dinsos are written down by staff."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.domain.aid import AidState
from fieldkit.domain.people.accounts import User
from fieldkit.services.aid.follow_aid import AidLine
from ui.presenters.form import FormPresenter
from ui.presenters.list_presenter import ListPresenter
from ui.presenters.lists import Facts

_IN_NEED = 2  # of the people on the list
# Who brings a proposal into a state, and what proves it.
OUTSIDERS: Mapping[AidState, Mapping[str, str]] = {
    AidState.DIUSULKAN: {"aid.who": "Kepala Desa (contoh)", "aid.paper": "BA Musdes 12/2026"},
    AidState.DITETAPKAN: {"aid.who": "Dinas Sosial (contoh)", "aid.paper": "SK 188/45/2026"},
    AidState.DISALURKAN: {"aid.who": "Pendamping PKH (contoh)", "aid.paper": "BAST 9/2026"},
}


def coordinate_aid(clerk: Clerk, user: User, no: int) -> None:
    """Note what Dinsos and desa said, and what the first of the list may need."""
    aid = _open(clerk, user, no)
    clerk.do("meet")
    clerk.arrive(FormPresenter)
    clerk.fill_in(
        {
            "aid.dinsos": "Pendamping PKH (contoh)",
            "aid.desa": "Kasi Kesejahteraan (contoh)",
            "common.result": "Dua warga belum menerima bantuan",
        }
    )
    clerk.do("accept")
    clerk.arrive_at("aid")
    clerk.demand_over(no)
    for count in range(1, _IN_NEED + 1):
        _note_need(clerk, aid, count)
    clerk.shoot("bantuan-dicatat")


def propose(clerk: Clerk, user: User, no: int) -> None:
    """Write down that the desa proposed them after its musdes."""
    _open(clerk, user, no)
    _move(clerk, AidState.DIUSULKAN)
    clerk.demand_over(no)


def judge(clerk: Clerk, user: User, no: int) -> None:
    """Judge what the proposals brought."""
    _open(clerk, user, no)
    clerk.do("judge")
    clerk.arrive(FormPresenter)
    clerk.fill_in({"aid.result": "Dua usulan masuk DTSEN", "aid.next": "Tanya Dinsos bulan depan"})
    clerk.shoot("bantuan-evaluasi")
    clerk.do("accept")
    clerk.arrive_at("aid")
    clerk.demand_over(no)


def deliver(clerk: Clerk, user: User, no: int) -> None:
    """Write down that Dinsos granted the aid, and that people received it."""
    _open(clerk, user, no)
    _move(clerk, AidState.DITETAPKAN)
    _move(clerk, AidState.DISALURKAN)
    clerk.demand_over(no)
    clerk.shoot("bantuan-disalurkan")


def _open(clerk: Clerk, user: User, no: int) -> ListPresenter[AidLine]:
    clerk.open_screen(user, no, "aid")
    aid = clerk.arrive_at("aid")
    clerk.wait("people", lambda: bool(aid.state.rows.count))
    clerk.shoot(f"bantuan-{no:02}")
    return aid


def _note_need(clerk: Clerk, aid: ListPresenter[AidLine], count: int) -> None:
    clerk.do("accept")
    form = clerk.arrive(FormPresenter)
    clerk.tab_to("aid.decile")
    clerk.press("Tab", 2)  # past what is received already
    clerk.press("Space")
    clerk.wait("programme", lambda: any(field.name == "wanted" and field.chosen for field in form.state.fields))
    clerk.do("accept")
    clerk.arrive_at("aid")
    clerk.wait(
        "noted", lambda: clerk.context.office.aid.overview(clerk.activity_id).counts.get(AidState.DICATAT) == count
    )
    clerk.wait("what is noted", lambda: _is_noted(aid))
    for _ in range(aid.state.rows.count):  # on to the next who is not noted yet
        if _is_noted(aid):
            clerk.press("Down")


def _is_noted(aid: ListPresenter[AidLine]) -> bool:
    return any(isinstance(panel, Facts) and panel.facts for panel in aid.state.panels)


def _move(clerk: Clerk, state: AidState) -> None:
    """Write down one act for every proposal that is as far as the first."""
    clerk.arrive_at("aid")
    clerk.press("Ctrl+Home")
    clerk.do("move_all")
    form = clerk.arrive(FormPresenter)
    if form.state.fields[0].text != state.value:
        clerk.pick("state", state.value)
    clerk.fill_in(OUTSIDERS[state])
    clerk.shoot(f"bantuan-{state.value}")
    clerk.do("accept")
    clerk.arrive_at("aid")
    clerk.wait(state.value, lambda: bool(clerk.context.office.aid.overview(clerk.activity_id).counts.get(state)))
