"""What the team does in the village and when it is back: arrive, agree, go from door to door, record, seal, send."""

from __future__ import annotations

from functools import partial

from fieldkit.app.demo.kit import LEAD, PETUGAS
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.stage import Stage
from fieldkit.app.demo.people import Resident
from fieldkit.app.demo.robot import Robot
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.visits import Leg, Outcome
from ui.presenters.visits.trip import TripPresenter
from ui.presenters.visits.visit import VisitPresenter

_RECORDED = 2  # of the people on the list
_SETTLED = (Outcome.SUDAH_MEREKAM, Outcome.PINDAH)  # the others
_OPEN = (TargetState.PLANNED, TargetState.RECORDING)


def reach(clerk: Clerk, no: int, leg: Leg) -> None:
    """Note every leg of the way up to this one with the time of now."""
    clerk.open_screen(LEAD, no, "trip")
    trip = clerk.arrive(TripPresenter)
    for each in Leg:
        if not _text(trip, each):
            clerk.do("accept")
            clerk.wait(each.value, partial(_text, trip, each))
            clerk.arrive(TripPresenter)
        if each is leg:
            break
    clerk.shoot(f"perjalanan-{leg.value}")
    clerk.demand_over(no)


def coordinate(clerk: Clerk, no: int) -> None:
    """Write down with whom of the desa the team agreed on the place, and who comes along."""
    clerk.open_screen(LEAD, no, "trip")
    clerk.arrive(TripPresenter)
    clerk.fill_in(
        {
            "field.met": "Sekretaris Desa (contoh)",
            "field.jabatan": "Sekretaris desa",
            "field.agreed": "Rumah warga, RT 001 dahulu",
            "field.companions": "Kepala dusun (contoh)",
        }
    )
    clerk.do("accept")
    clerk.demand_over(no)
    clerk.shoot("koordinasi")


def visit_everybody(stage: Stage, no: int) -> None:
    """Go from door to door: record the first, from the notice to the slip; the others need no visit any more."""
    clerk = stage.clerk
    stage.world.link.take_down()  # in the village there is no signal
    by_name = {resident.biodata.name: resident for resident in stage.residents}
    for at in range(len(stage.residents)):
        visit = _knock(clerk, no)
        if at < _RECORDED:
            _record(stage, by_name[visit.state.name])
        else:
            _end_for_good(clerk, visit, _SETTLED[at - _RECORDED])
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


def _knock(clerk: Clerk, no: int) -> VisitPresenter:
    """Begin the visit at the next door."""
    clerk.open_screen(PETUGAS, no, "visits")
    visits = clerk.arrive_at("visits")
    clerk.wait("doors", lambda: bool(visits.state.rows.count))
    clerk.shoot("kunjungan")
    clerk.do("accept")
    visit = clerk.arrive(VisitPresenter)
    clerk.shoot("kartu-kunjungan")
    clerk.do("accept")
    clerk.wait("visit", lambda: bool(visit.state.outcomes))
    return visit


def _record(stage: Stage, resident: Resident) -> None:
    clerk, robot = stage.clerk, _robot(stage)
    clerk.do("accept")
    robot.record_in_front(resident)
    clerk.count(robot)


def _end_for_good(clerk: Clerk, visit: VisitPresenter, outcome: Outcome) -> None:
    names = [choice.name for choice in visit.state.outcomes]
    clerk.press(str(names.index(outcome) + 1))
    clerk.wait("outcome", lambda: bool(visit.state.chosen))
    clerk.shoot(f"kunjungan-{outcome.value}")
    clerk.do("accept")
    clerk.arrive_at("visits")


def _text(trip: TripPresenter, leg: Leg) -> bool:
    return any(shown.name == leg.value and shown.text for shown in trip.state.legs)


def _robot(stage: Stage) -> Robot:
    return Robot(stage.clerk.application, stage.clerk.pictures, stage.spent)


def _is_decided(entry: QueueEntry) -> bool:
    return entry.central is not None and entry.central.code != "RECEIVED_AT_CENTRAL"
