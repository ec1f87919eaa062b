"""What the team does in the village and when it is back: arrive, agree, go from door to door, record, seal, send."""

from __future__ import annotations

from functools import partial
from typing import Any

from fieldkit.app.demo.kit import LEAD, PETUGAS
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.stage import Stage
from fieldkit.app.demo.robot import Robot
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.visits import Doors, Leg, Outcome
from ui.presenters.list_presenter import ListPresenter
from ui.presenters.lists import Facts
from ui.presenters.messages import Message
from ui.presenters.work_form import WorkFormPresenter

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
    """Send what was sealed and wait until the data center has decided about each record."""
    clerk = stage.clerk
    stage.world.link.bring_up()
    clerk.sign_in_as(PETUGAS)
    robot = _robot(stage)
    robot.open_queue()
    robot.send_until(lambda: all(map(_is_decided, robot.context.delivery.queue().entries)))
    robot.make_shipment()
    clerk.count(robot)


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
    clerk, robot = stage.clerk, _robot(stage)
    resident = next(each for each in stage.residents if each.biodata.name == _name(visit))
    stage.minutes_pass(_MINUTES_AT_A_DOOR)
    clerk.do("accept")
    robot.record_in_front(resident)
    clerk.count(robot)


def _end(stage: Stage, visit: WorkFormPresenter, outcome: Outcome) -> None:
    clerk = stage.clerk
    chosen = visit.state.fields[0]
    clerk.press(str([choice.name for choice in chosen.choices].index(outcome) + 1))
    clerk.wait("outcome", lambda: bool(visit.state.fields[0].text))
    if any(field.name == "revisit_on" and field.is_asked for field in visit.state.fields):
        today = f"{clerk.context.clock.today():%d-%m-%Y}"
        clerk.fill_in({"field.revisit_on": today, "field.revisit_note": f"Di ladang, pulang pukul {_AT_HOME_AGAIN}"})
    clerk.shoot(f"kunjungan-{outcome.value}")
    clerk.do("accept")
    clerk.arrive_at("visits")


def _text(trip: WorkFormPresenter, leg: Leg) -> bool:
    return any(field.name == leg.value and field.text for field in trip.state.fields)


def _name(visit: WorkFormPresenter) -> Message:
    return next(panel.title for panel in visit.state.side if isinstance(panel, Facts))


def _robot(stage: Stage) -> Robot:
    return Robot(stage.clerk.application, stage.clerk.pictures, stage.spent)


def _is_decided(entry: QueueEntry) -> bool:
    return entry.central is not None and entry.central.code != "RECEIVED_AT_CENTRAL"
