from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from support.app_context import PENGURUS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.typed import DraftName
from fieldkit.domain.visits import Leg, Perekaman
from fieldkit.ports.devices import Cancel
from fieldkit.ports.laptop import Fix
from ui.presenters.form import Drafting, FormField
from ui.presenters.lists import Facts
from ui.presenters.parts import Empty, Stage
from ui.presenters.presenter import message
from ui.presenters.tasks import device_executor
from ui.presenters.visits.visit import TripOfTeam
from ui.presenters.work_form import WorkFormPresenter

HOUR = timedelta(hours=1)


class Receiver:
    """A `Whereabouts` in front of the office of the desa; its clock is an hour ahead, or as far as told."""

    def __init__(self, kit: Kit, ahead: timedelta = HOUR) -> None:
        self._kit, self._ahead = kit, ahead

    def fix(self, _cancel: Cancel, _timeout_ms: int) -> Fix:
        return Fix(-8.09834, 112.16519, self._kit.clock.now() + self._ahead)


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> WorkFormPresenter:
    drafting = Drafting(kit.context, tasks, DraftName("trip", {"activity_id": "a1"}))
    presenter = WorkFormPresenter(TripOfTeam(kit.context, steps, "a1").form(), tasks, steps, drafting)
    presenter.start()
    return presenter


def typed(presenter: WorkFormPresenter, **values: str) -> None:
    for name, text in values.items():
        presenter.type(name, text)


def fields(presenter: WorkFormPresenter) -> dict[str, FormField]:
    return {field.name: field for field in presenter.state.fields if field.is_asked}


def legs(presenter: WorkFormPresenter) -> list[str]:
    return [fields(presenter)[leg].text for leg in Leg]


def facts(presenter: WorkFormPresenter) -> Facts:
    (panel,) = presenter.state.side
    assert isinstance(panel, Facts)
    return panel


def press(presenter: WorkFormPresenter, name: str) -> None:
    presenter.perform(next(command for command in presenter.state.bar.actions if command.name == name))


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
    press(presenter, "toggle_escort")
    typed(presenter, escort="Bhabinkamtibmas")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "visit.times_wrong"
    typed(presenter, arrived="jam 8")
    presenter.accept()
    assert isinstance(problem := fields(presenter)["arrived"].problem, Problem)
    assert problem.code == "typed.moment"
    typed(presenter, arrived="08.05")
    presenter.accept()
    (trip,) = kit.context.office.trips.of("a1")
    assert (trip.way_minutes, trip.companions, trip.escort) == (50, ("Suyatno", "Bu Bidan"), "Bhabinkamtibmas")
    assert trip.coordination is not None
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("field.trip_kept")
    press(presenter, "toggle_escort")
    presenter.accept()
    assert kit.context.office.trips.of("a1")[0].escort == ""


def test_the_satellites_tell_the_place_but_no_time_to_come(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.office.trips._places = Receiver(kit)
    presenter = opened(kit, tasks, steps)
    press(presenter, "locate")
    (trip,) = kit.context.office.trips.of("a1")
    assert trip.at(Leg.DEPARTED) == kit.clock.now()
    assert (message("field.leg_departed"), "-8.098340, 112.165190") in facts(presenter).facts
    kit.context.office.trips._places = Receiver(kit, -timedelta(minutes=5))
    kit.clock.advance(minutes=20)
    typed(presenter, note="lewat jalan bawah")
    press(presenter, "locate")
    (trip,) = kit.context.office.trips.of("a1")
    assert (trip.way_minutes, trip.note) == (15, "lewat jalan bawah"), "the leg and what was typed are kept"
    assert facts(presenter).facts[0] == (message("field.way"), message("common.minutes", count=15))


def test_what_was_kept_stands_there_again_and_is_not_taken_for_typed(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.clock.advance(seconds=30)
    presenter = opened(kit, tasks, steps)
    assert presenter.reads == {"trip", "activity", "perekaman"}
    assert [fields(presenter)[name].text for name in ("met", "jabatan", "agreed", "companions", "note")] == [""] * 5
    assert [tag.words for tag in facts(presenter).tags] == [message("field.trip_new")]
    assert presenter.state.bar.actions[-1].refused == ""
    presenter.accept()
    began = kit.clock.now()
    assert facts(presenter).tags == (), "there is but one"
    told = {"met": "Karsono", "jabatan": "Sekdes", "agreed": "balai", "companions": "Suyatno, Bu Bidan", "note": "-"}
    typed(presenter, **told)
    assert presenter.state.bar.actions[-1].words == message("common.save")
    press(presenter, "toggle_escort")
    presenter.accept()
    again = opened(kit, SameThread(), steps)
    assert {name: fields(again)[name].text for name in told} == told
    assert fields(again)["escort"].hint == message("field.escort_hint")
    typed(again, departed="", note="lain")
    again.accept()
    (trip,) = kit.context.office.trips.of("a1")
    assert (trip.at(Leg.DEPARTED), trip.note, trip.is_escort_wanted) == (began, "lain", True)


def test_a_time_alone_is_of_the_day_on_which_the_trip_began(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    typed(presenter, departed="20-11-2026 22.00", arrived="21-11-2026 01.00")
    presenter.accept()
    assert legs(presenter)[:2] == ["22.00", "21-11-2026 01.00"]
    typed(presenter, arrived="23.15")
    presenter.accept()
    assert kit.context.office.trips.of("a1")[0].way_minutes == 75


def test_a_trip_that_is_over_can_still_be_corrected(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    for _ in Leg:
        presenter.accept()
    assert {each.name for each in presenter.state.bar.actions if each.refused} == {"locate", "accept"}
    typed(presenter, note="ban bocor")
    enter = presenter.state.bar.actions[-1]
    assert (enter.words, enter.refused) == (message("common.save"), "")
    presenter.accept()
    assert kit.context.office.trips.of("a1")[0].note == "ban bocor"


def test_what_was_typed_about_an_earlier_trip_brings_that_trip_back(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    for _ in Leg:
        presenter.accept()
    press(presenter, "begin_new")
    presenter.accept()
    assert [tag.words for tag in facts(opened(kit, SameThread(), steps)).tags] == [
        message("field.trip_of", no=2, total=2)
    ], "without a draft the last one is in front"
    press(presenter, "previous_step")
    assert "previous_step" not in [command.name for command in presenter.state.bar.actions]
    typed(presenter, note="ban bocor")
    presenter.settle()
    again = opened(kit, SameThread(), steps)
    assert [tag.words for tag in facts(again).tags] == [message("field.trip_of", no=1, total=2)]
    assert fields(again)["note"].text == "ban bocor"


def test_without_an_activity_there_is_no_trip(idle: Kit, tasks: SameThread, steps: Steps) -> None:
    drafting = Drafting(idle.context, tasks, DraftName("trip", {"activity_id": ""}))
    presenter = WorkFormPresenter(TripOfTeam(idle.context, steps, "").form(), tasks, steps, drafting)
    presenter.start()
    assert (presenter.state.stage, presenter.state.fields) == (Stage.EMPTY, ())
    assert presenter.state.empty == Empty.of("beranda.no_activity")


def test_without_a_receiver_the_time_is_typed_and_waiting_can_be_given_up(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, SameThread(), steps)
    press(presenter, "locate")
    assert presenter.state.problem is not None
    assert (presenter.state.problem.code, presenter.state.stage) == ("device.gps.none", Stage.CONTENT)
    executor = device_executor("gps")
    waiting = SameThread(executor)
    presenter = opened(kit, waiting, steps)
    press(presenter, "locate")
    assert presenter.state.stage is Stage.BUSY
    presenter.back()
    assert steps.taken == []
    waiting.release(executor)
    presenter.back()
    assert steps.taken == [("back",)]


def test_a_new_trip_begins_when_the_last_one_is_over_and_pages_turn(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    press(presenter, "begin_new")
    assert [command.refused for command in presenter.state.bar.actions if command.name == "begin_new"] == [
        message("field.trip_open")
    ]
    for _ in range(3):
        presenter.accept()
    press(presenter, "begin_new")
    assert legs(presenter) == [""] * 4
    kit.clock.advance(days=1)
    presenter.accept()
    assert [tag.words for tag in facts(presenter).tags] == [message("field.trip_of", no=2, total=2)]
    press(presenter, "previous_step")
    assert legs(presenter)[0] == "09.00"
    press(presenter, "next_step")
    assert legs(presenter) == ["09.00", "", "", ""]
    assert "next_step" not in [command.name for command in presenter.state.bar.actions]


def test_the_mode_changes_at_once(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    offered = {command.name: command for command in presenter.state.bar.actions}
    assert offered["mode"].words == message("field.to_daring")
    assert offered["begin_new"].refused == message("field.trip_open"), "the first one is still to begin"
    press(presenter, "mode")
    assert presenter.state.toast is not None
    assert facts(presenter).words == presenter.state.toast.words == message("field.mode_about_daring")
    assert kit.context.office.activities.everything()[0].activity.mode is ModePerekaman.DARING
    press(presenter, "mode")
    assert kit.context.office.activities.everything()[0].activity.mode is ModePerekaman.LURING


def test_the_program_that_records_is_shown_and_changes_until_somebody_is_recorded(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter = opened(kit, tasks, steps)
    shown = (message("field.perekaman"), message("field.perekaman_kit"))
    assert shown in facts(presenter).facts
    press(presenter, "perekaman")
    assert (message("field.perekaman"), message("field.perekaman_resmi")) in facts(presenter).facts
    assert kit.context.office.trips.perekaman("a1") is Perekaman.RESMI
    press(presenter, "perekaman")
    assert shown in facts(presenter).facts
    kit.seal(1, TARGETS[0])
    press(presenter, "perekaman")
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "perekaman.begun"


def test_how_many_doors_need_an_escort_is_told_where_one_is_named(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.office.visits.want_escort("t6")
    presenter = opened(kit, tasks, steps)
    assert "escort" not in fields(presenter)
    press(presenter, "toggle_escort")
    assert fields(presenter)["escort"].hint == message("field.doors_escorted", count=1)


def test_who_does_not_travel_looks(tmp_path: Path, tasks: SameThread, steps: Steps) -> None:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan(*TARGETS)
    presenter = opened(kit, tasks, steps)
    for command in presenter.state.bar.actions:
        presenter.perform(command)
    typed(presenter, note="x")
    presenter.choose("escort_wanted", "yes")
    assert (presenter.state.is_open, presenter.typed()) == (False, {})
    assert facts(presenter).words == message("field.mode_about_luring")
    assert kit.context.office.trips.of("a1") == []
    kit.store.close()


def test_what_was_typed_waits_with_its_trip_through_a_kill(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    typed(presenter, departed="tadi pagi", note="lewat jalan bawah")
    press(presenter, "toggle_escort")
    presenter.settle()  # half a second without a key, then the program is killed
    again = opened(kit, SameThread(), steps)
    assert (legs(again)[0], "escort" in fields(again)) == ("tadi pagi", True)
    assert fields(again)["note"].text == "lewat jalan bawah"
    assert again.state.restored
    again.type("departed", "08.00")
    again.accept()
    (trip,) = kit.context.office.trips.of("a1")
    assert (trip.note, trip.is_escort_wanted) == ("lewat jalan bawah", True)
    assert list(kit.context.drafts.mine()) == []
    assert opened(kit, SameThread(), steps).state.restored == ""
