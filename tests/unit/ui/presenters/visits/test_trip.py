from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from support.app_context import PENGURUS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.visits import Leg
from fieldkit.ports.devices import Cancel
from fieldkit.ports.surroundings import Fix
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.tasks import device_executor
from ui.presenters.visits.trip import TripPresenter

HOUR = timedelta(hours=1)


class Receiver:
    """A `Whereabouts` in front of the office of the desa, whose clock is an hour ahead."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def fix(self, _cancel: Cancel, _timeout_ms: int) -> Fix:
        return Fix(-8.09834, 112.16519, self._kit.clock.now() + HOUR)


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> TripPresenter:
    presenter = TripPresenter(kit.context, tasks, steps, "a1")
    presenter.start()
    return presenter


def typed(presenter: TripPresenter, **values: str) -> None:
    for name, text in values.items():
        presenter.type_field(name, text)


def legs(presenter: TripPresenter) -> list[str]:
    return [shown.text for shown in presenter.state.legs]


def test_enter_notes_one_leg_after_the_other(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    for leg in Leg:
        assert presenter.state.bar.actions[-1].words == message(f"field.now_{leg.value}")
        presenter.accept()
        assert presenter.state.toast is not None
        assert presenter.state.toast.words == message(f"field.reached_{leg.value}")
        kit.clock.advance(minutes=20)
    assert legs(presenter) == ["09.00", "09.20", "09.40", "10.00"]
    assert presenter.state.bar.actions[-1].refused == message("field.trip_over")
    presenter.accept()
    (trip,) = kit.context.office.trips.of("a1")
    assert trip.way_minutes == 20


def test_what_was_typed_is_kept_at_once(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    typed(presenter, departed="7.15", arrived="20-11-2026 08.00", met="Karsono", companions="Suyatno, , Bu Bidan")
    presenter.toggle_escort()
    typed(presenter, escort="Bhabinkamtibmas")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "visit.times_wrong"
    typed(presenter, arrived="jam 8")
    presenter.accept()
    assert presenter.state.legs[1].problem.code == "typed.moment"
    typed(presenter, arrived="08.05")
    presenter.accept()
    (trip,) = kit.context.office.trips.of("a1")
    assert (trip.way_minutes, trip.companions, trip.escort) == (50, ("Suyatno", "Bu Bidan"), "Bhabinkamtibmas")
    assert trip.coordination is not None
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("field.trip_kept")
    presenter.toggle_escort()
    presenter.accept()
    assert kit.context.office.trips.of("a1")[0].escort == ""


def test_the_satellites_tell_the_place_but_no_time_to_come(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.office.trips._places = Receiver(kit)
    presenter = opened(kit, tasks, steps)
    presenter.locate()
    (trip,) = kit.context.office.trips.of("a1")
    assert trip.at(Leg.DEPARTED) == kit.clock.now()
    assert (message("field.leg_departed"), "-8.098340, 112.165190") in presenter.state.facts


def test_without_a_receiver_the_time_is_typed_and_waiting_can_be_given_up(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, SameThread(), steps)
    presenter.locate()
    assert presenter.state.problem is not None
    assert (presenter.state.problem.code, presenter.state.stage) == ("device.gps.none", Stage.CONTENT)
    executor = device_executor("gps")
    waiting = SameThread(executor)
    presenter = opened(kit, waiting, steps)
    presenter.locate()
    assert presenter.state.stage is Stage.BUSY
    presenter.back()
    assert steps.taken == []
    waiting.release(executor)
    presenter.back()
    assert steps.taken == [("back",)]


def test_a_new_trip_begins_when_the_last_one_is_over_and_pages_turn(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.begin_new()
    assert presenter.state.bar.actions[0].refused == message("field.trip_open")
    for _ in range(3):
        presenter.accept()
    presenter.begin_new()
    assert legs(presenter) == [""] * 4
    kit.clock.advance(days=1)
    presenter.accept()
    assert presenter.state.tag is not None
    assert presenter.state.tag.words == message("field.trip_of", no=2, total=2)
    presenter.previous_step()
    assert legs(presenter)[0] == "09.00"
    presenter.next_step()
    presenter.next_step()
    assert legs(presenter) == ["09.00", "", "", ""]


def test_the_mode_changes_at_once(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.choose_mode("daring")
    assert presenter.state.mode == "daring"
    assert kit.context.office.activities.everything()[0].activity.mode is ModePerekaman.DARING


def test_how_many_doors_need_an_escort_is_told_where_one_is_named(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.office.visits.want_escort("t6")
    presenter = opened(kit, tasks, steps)
    hints = {shown.name: shown.hint for shown in presenter.state.fields}
    assert hints["escort"] == message("field.doors_escorted", count=1)


def test_who_does_not_travel_looks(tmp_path: Path, tasks: SameThread, steps: Steps) -> None:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan(*TARGETS)
    presenter = opened(kit, tasks, steps)
    for intent in (presenter.accept, presenter.locate, presenter.toggle_escort, presenter.begin_new):
        intent()
    presenter.choose_mode("daring")
    assert (presenter.state.may_write, presenter.state.mode) == (False, "luring")
    assert kit.context.office.trips.of("a1") == []
    kit.store.close()


def test_what_was_typed_waits_with_its_trip_through_a_kill(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    typed(presenter, departed="tadi pagi", note="lewat jalan bawah")
    presenter.toggle_escort()
    presenter.settle()  # half a second without a key, then the program is killed
    again = opened(kit, SameThread(), steps)
    assert (again.state.legs[0].text, again.state.wants_escort) == ("tadi pagi", True)
    assert [field.text for field in again.state.fields if field.name == "note"] == ["lewat jalan bawah"]
    assert again.state.restored
    again.type_field("departed", "08.00")
    again.accept()
    (trip,) = kit.context.office.trips.of("a1")
    assert (trip.note, trip.is_escort_wanted) == ("lewat jalan bawah", True)
    assert list(kit.context.drafts.mine()) == []
    assert opened(kit, SameThread(), steps).state.restored == ""
