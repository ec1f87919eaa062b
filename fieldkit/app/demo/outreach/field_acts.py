"""What the team does in the village and when it is back: arrive, agree, go from door to door, record, seal, send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fieldkit.app.demo.kit import KASI, LEAD, PETUGAS, PRINTER
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.files import write_statuses
from fieldkit.app.demo.outreach.office_acts import issue
from fieldkit.app.demo.outreach.stage import Stage
from fieldkit.app.demo.people import DISTRICT, VILLAGE
from fieldkit.app.demo.robot import Robot
from fieldkit.app.demo.world import present_words
from fieldkit.domain.aid import AidState, Dtsen
from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.delivery import QueueEntry
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import User
from fieldkit.domain.visits import Doors, Leg, Outcome, Perekaman
from fieldkit.services.aid import AidLine
from ui.presenters.cards.handover import HandoverPresenter, Phase
from ui.presenters.form import FormPresenter
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.lists import Facts, ListPresenter
from ui.presenters.presenter import Message
from ui.presenters.statuses.import_statuses import ImportStatusesPresenter
from ui.presenters.work_form import WorkFormPresenter

# What the kecamatan does about social aid at its screens; the acts of desa and Dinsos are written down by staff.

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
    clerk.pick("dtsen", Dtsen.BELUM)
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


# What people do with cards at their screens: note prints, write the BA, plan stops, hand over against a receipt.


def note_prints(clerk: Clerk, no: int | None) -> None:
    """Note that the official application printed whatever waits."""
    clerk.open_screen(PRINTER, no, "prints")
    prints = clerk.arrive_at("prints")
    clerk.wait("cards to print", lambda: bool(prints.state.rows.count))
    clerk.press("Ctrl+A")
    clerk.shoot("cetak")
    clerk.do("note")
    clerk.arrive(FormPresenter)
    clerk.fill_in({"cetak.ribbon": "RB-0117"})
    clerk.do("accept")
    clerk.arrive_at("prints")
    clerk.wait("printed", lambda: bool(clerk.context.office.handover.all(clerk.activity_id)))
    clerk.shoot("cetak-tercatat")


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who takes documents for an office."""

    name: str
    jabatan: str
    office: str


def write_ba(clerk: Clerk, user: User, no: int | None, receiver: Receiver, number: str) -> None:
    """Write and issue the BA serah terima of everything that is printed."""
    _choose_all(clerk, user, no)
    clerk.do("write_ba")
    clerk.arrive(FormPresenter)
    clerk.fill_in(
        {
            "distribusi.field.ba_receiver": receiver.name,
            "common.position": receiver.jabatan,
            "distribusi.field.office": receiver.office,
        }
    )
    clerk.do("accept")
    clerk.arrive(LetterPresenter)
    issue(clerk, LetterKind.BA_SERAH_TERIMA, number)


def plan_stops(clerk: Clerk, user: User, no: int) -> None:
    """Write down when the cards go to the desa, and who brings them."""
    clerk.open_screen(user, no, "distribution_plan")
    plan = clerk.arrive_at("distribution_plan")
    clerk.do("add")
    clerk.arrive(FormPresenter)
    clerk.fill_in(
        {
            "common.place": f"Balai Desa {VILLAGE.title()}",
            "distribusi.field.by": "Petugas loket",
        }
    )
    clerk.do("accept")
    clerk.arrive_at("distribution_plan")
    clerk.wait("stop", lambda: bool(plan.state.rows.count))
    clerk.shoot("jadwal-distribusi")


def hand_on(stage: Stage, user: User, no: int, to: Place, receiver: str) -> None:
    """Hand everything over to an office; its official signs on the pad."""
    clerk = stage.clerk
    _choose_all(clerk, user, no)
    clerk.do("accept")
    handover = clerk.arrive(HandoverPresenter)
    chosen = next((field for field in handover.state.fields if field.name == "to"), None)
    if chosen is not None and chosen.text != to.value:
        names = [choice.name for choice in chosen.choices]
        clerk.tab_to_words(next(choice.words for choice in chosen.choices if choice.name == chosen.text))
        way = names.index(to.value) - names.index(chosen.text)
        clerk.press("Right" if way > 0 else "Left", abs(way))
        clerk.press("Space")
        clerk.wait("place", lambda: any(f.name == "to" and f.text == to.value for f in handover.state.fields))
    clerk.fill_in({"distribusi.receiver.office": receiver, "common.position": _OFFICIAL[to]})
    sign_for(stage, f"serah-terima-{to.value}")
    clerk.demand_over(no)
    clerk.do("accept")
    clerk.arrive_at("distribution")


def hand_to_person(stage: Stage, user: User, no: int | None) -> None:
    """Hand each card to its person, against a signature on the pad."""
    clerk = stage.clerk
    clerk.open_screen(user, no, "distribution")
    distribution = clerk.arrive_at("distribution")
    while waiting := _waiting(clerk):
        clerk.wait("cards that wait", partial(_shows, distribution, waiting))
        clerk.do("accept")
        clerk.arrive(HandoverPresenter)
        clerk.fill_in({"distribusi.proof.person": "KTP-el lama"})
        sign_for(stage, "serah-terima-warga")
        show_receipt(clerk)
        clerk.do("accept")
        clerk.arrive_at("distribution")
    clerk.shoot("distribusi-selesai")


def sign_for(stage: Stage, name: str) -> HandoverPresenter:
    """Let the receiver sign on the pad; the receipt is kept and the screen says so."""
    clerk = stage.clerk
    handover = clerk.arrive(HandoverPresenter)
    clerk.do("accept")
    clerk.wait("signing", lambda: handover.state.phase is Phase.SIGN)
    stage.world.devices.say(*present_words("7", "red", ()))
    stage.world.devices.say("sign")
    clerk.wait_for("accept")
    clerk.shoot(name)
    clerk.do("accept")
    clerk.wait("receipt kept", lambda: handover.state.phase is Phase.DONE)
    return handover


def show_receipt(clerk: Clerk) -> None:
    """Show the tanda terima of what was just handed over, and come back."""
    clerk.do("print_paper")
    letter = clerk.arrive(LetterPresenter)
    clerk.wait("pages", lambda: bool(letter.state.pages))
    clerk.shoot("surat-tanda_terima")
    clerk.typist.press("Esc")
    clerk.arrive(HandoverPresenter)


def _choose_all(clerk: Clerk, user: User, no: int | None) -> None:
    clerk.open_screen(user, no, "distribution")
    distribution = clerk.arrive_at("distribution")
    clerk.wait("cards", lambda: bool(distribution.state.rows.count))
    clerk.press("Ctrl+A")
    clerk.shoot(f"distribusi-{no or 'beranda'}")


def _shows(distribution: ListPresenter[CardCase], count: int) -> bool:
    return distribution.state.rows.count == count


def _waiting(clerk: Clerk) -> int:
    return sum(card.receipt is None for card in clerk.context.office.handover.all(clerk.activity_id))


_OFFICIAL = {Place.KECAMATAN: f"Kasi Pelayanan Kecamatan {DISTRICT.title()}", Place.DESA: "Sekretaris desa"}


_AGAIN = [Doors.AGAIN.value]
_AT_HOME_AGAIN = "13:30"
_WAY_MINUTES = {Leg.ARRIVED: 55, Leg.AT_LOCATION: 10, Leg.RETURNED: 50}
_MINUTES_AT_A_DOOR, _MINUTES_TO_THE_NEXT = 22, 8


def reach(stage: Stage, no: int | None, leg: Leg) -> None:
    """Note every leg of the way up to this one with the time of now; between two of them lies the way."""
    clerk = stage.clerk
    clerk.open_screen(LEAD, no, "trip")
    trip = clerk.arrive(WorkFormPresenter)
    for each in Leg:
        if not _text(trip, each):
            stage.minutes_pass(_WAY_MINUTES.get(each, 0))
            clerk.do("accept")
            clerk.wait(each.value, partial(_text, trip, each))
            clerk.arrive(WorkFormPresenter)
        if each is leg:
            break
    clerk.shoot(f"perjalanan-{leg.value}")
    if no is not None:
        clerk.demand_over(no)


def coordinate(clerk: Clerk, no: int) -> None:
    """Write down with whom of the desa the team agreed on the place, and who comes along."""
    clerk.open_screen(LEAD, no, "trip")
    clerk.arrive(WorkFormPresenter)
    clerk.fill_in(
        {
            "field.met": "Sekretaris Desa (contoh)",
            "common.position": "Sekretaris desa",
            "field.agreed": "Rumah warga, RT 001 dahulu",
            "field.companions": "Kepala dusun (contoh)",
        }
    )
    clerk.do("accept")
    clerk.demand_over(no)
    clerk.shoot("koordinasi")


def visit_everybody(stage: Stage, no: int) -> None:
    """Go from door to door: one is recorded, from the notice to the slip; two need no visit any more.

    One is not at home, is visited again in the afternoon, and recorded.
    """
    clerk = stage.clerk
    stage.world.link.take_down()  # in the village there is no signal
    _record(stage, _knock(stage, no))
    _end(stage, _knock(stage, no), Outcome.TIDAK_DI_TEMPAT)
    _end(stage, _knock(stage, no), Outcome.SUDAH_MEREKAM)
    stage.at(_AT_HOME_AGAIN)
    _record(stage, _knock_again(stage, no))
    _end(stage, _knock(stage, no), Outcome.PINDAH)
    clerk.demand_over(no)


def send(stage: Stage) -> None:
    """Send what was sealed and wait until the data center has decided about each record.

    What the official application recorded it sends itself: the kasi takes its list over.
    """
    if stage.perekaman is Perekaman.RESMI:
        _take_list_over(stage)
        return
    clerk = stage.clerk
    stage.world.link.bring_up()
    clerk.sign_in_as(PETUGAS)
    robot = _robot(stage)
    robot.open_queue()
    robot.send_until(lambda: all(map(_is_decided, robot.context.delivery.queue().entries)))
    robot.make_shipment()
    clerk.count(robot)


_PEOPLE = "Alt+4"  # the place Orang at the left


def _take_list_over(stage: Stage) -> None:
    """Take over the list of statuses that an official exported from SIAK."""
    clerk, context = stage.clerk, stage.clerk.context
    waiting = [line.record_id for group in context.office.statuses.worklist(clerk.activity_id) for line in group.lines]
    recorded = [context.visits.target(target_id).biodata for target_id in waiting]
    clerk.sign_in_as(KASI)
    clerk.press(_PEOPLE)
    clerk.arrive_at("statuses")
    clerk.do("import_statuses")
    presenter = clerk.arrive(ImportStatusesPresenter)
    exported = stage.out / f"status-siak-{context.clock.today():%d-%m-%Y}.xlsx"
    clerk.typist.type(str(write_statuses(exported, recorded, "PRINT_READY_RECORD")))
    clerk.do("accept")
    clerk.wait("rows", lambda: bool(presenter.state.rows.count))
    clerk.shoot("impor-status")
    clerk.do("accept")
    clerk.wait("statuses", lambda: bool(context.office.printing.print_list(clerk.activity_id).now))
    clerk.shoot("impor-status-selesai")


def _knock(stage: Stage, no: int) -> WorkFormPresenter:
    """Begin the visit at the next door."""
    _open_doors(stage, no)
    stage.clerk.shoot("kunjungan")
    return _begin_visit(stage)


def _knock_again(stage: Stage, no: int) -> WorkFormPresenter:
    """Begin the visit at the one door where nobody was at home."""
    doors = _open_doors(stage, no)
    stage.clerk.press_until("Ctrl+S", lambda: [chip.name for chip in doors.state.chips[0] if chip.is_on] == _AGAIN)
    stage.clerk.wait("door", lambda: doors.state.rows.count == 1)
    stage.clerk.shoot("kunjungan-lagi")
    return _begin_visit(stage)


def _open_doors(stage: Stage, no: int) -> ListPresenter[Any]:
    stage.minutes_pass(_MINUTES_TO_THE_NEXT)
    stage.clerk.open_screen(PETUGAS, no, "visits")
    visits = stage.clerk.arrive_at("visits")
    stage.clerk.wait("doors", lambda: bool(visits.state.rows.count))
    return visits


def _begin_visit(stage: Stage) -> WorkFormPresenter:
    clerk = stage.clerk
    clerk.do("accept")
    visit = clerk.arrive(WorkFormPresenter)
    clerk.shoot("kartu-kunjungan")
    clerk.do("accept")
    clerk.wait("visit", lambda: bool(visit.state.fields))
    return visit


def _record(stage: Stage, visit: WorkFormPresenter) -> None:
    if stage.perekaman is Perekaman.RESMI:
        _note_official(stage, visit)
        return
    clerk, robot = stage.clerk, _robot(stage)
    resident = next(each for each in stage.residents if each.biodata.name == _name(visit))
    stage.minutes_pass(_MINUTES_AT_A_DOOR)
    clerk.do("accept")
    robot.record_in_front(resident)
    clerk.count(robot)


def _note_official(stage: Stage, visit: WorkFormPresenter) -> None:
    """Note that the official application recorded whoever is in front: nothing is captured here."""
    stage.minutes_pass(_MINUTES_AT_A_DOOR)
    _choose_outcome(stage.clerk, visit, Outcome.DIREKAM_RESMI)
    stage.clerk.fill_in({"field.machine": "Laptop SIAK 02", "field.proof": "BKT-0412"})
    _close(stage.clerk, Outcome.DIREKAM_RESMI)


def _choose_outcome(clerk: Clerk, visit: WorkFormPresenter, outcome: Outcome) -> None:
    names = [choice.name for choice in visit.state.fields[0].choices]
    clerk.press(str((names.index(outcome) + 1) % 10))
    clerk.wait("outcome", lambda: visit.state.fields[0].text == outcome)


def _close(clerk: Clerk, outcome: Outcome) -> None:
    clerk.shoot(f"kunjungan-{outcome.value}")
    clerk.do("accept")
    clerk.arrive_at("visits")


def _end(stage: Stage, visit: WorkFormPresenter, outcome: Outcome) -> None:
    clerk = stage.clerk
    _choose_outcome(clerk, visit, outcome)
    if any(field.name == "revisit_on" and field.is_asked for field in visit.state.fields):
        today = f"{clerk.context.clock.today():%d-%m-%Y}"
        clerk.fill_in({"field.revisit_on": today, "field.revisit_note": f"Di ladang, pulang pukul {_AT_HOME_AGAIN}"})
    _close(clerk, outcome)


def _text(trip: WorkFormPresenter, leg: Leg) -> bool:
    return any(field.name == leg.value and field.text for field in trip.state.fields)


def _name(visit: WorkFormPresenter) -> Message:
    return next(panel.title for panel in visit.state.side if isinstance(panel, Facts))


def _robot(stage: Stage) -> Robot:
    return Robot(stage.clerk.application, stage.clerk.pictures, stage.spent)


def _is_decided(entry: QueueEntry) -> bool:
    return entry.central is not None and entry.central.code != "RECEIVED_AT_CENTRAL"
