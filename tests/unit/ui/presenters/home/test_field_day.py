"""The cards of a day, and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from support.app_context import ACTIVITY, TARGETS
from support.clock import NOW
from support.sop_views import over, sop_view, step_view
from support.tasks import Steps

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.planning.outreach import OutreachCount, Target, TargetState
from fieldkit.domain.sarpras import Checklist, CheckOut, Condition, ItemLine, SarprasKind
from fieldkit.domain.sop.run import StepState
from fieldkit.domain.sop.standing import How, Lack, Missing
from fieldkit.services.delivery.deliver import QueueView
from fieldkit.services.sop.view import SopView, StepView, Turn
from fieldkit.services.visits.plan_visits import DayOverview
from ui.presenters.figures import BigAction, Number
from ui.presenters.home.field import FieldDay, actions_of, numbers_of, side_of, subtitle_of, turn_words
from ui.presenters.parts import Tone
from ui.presenters.presenter import Message, Weight, message

LINE = ItemLine("i1", SarprasKind.LAPTOP, "Laptop", "L-1", is_critical=True, condition=Condition.BAIK)
KIT = CheckOut("l1", "a1", ("k1",), ("Kit 07",), Checklist((LINE, replace(LINE, condition=None))), "u1", NOW)
OUT, BACK = replace(KIT, out_at=NOW), replace(KIT, out_at=NOW, check_in="c2")


def count(waiting: int = 0, revisit: int = 0) -> OutreachCount:
    return OutreachCount(7, 3, 1, revisit, waiting, 0, None)


def queue(unsent: int = 0, purged: int = 0) -> QueueView:
    return QueueView((), {DeliveryState.QUEUED: unsent, DeliveryState.PURGED: purged}, None, None)


def day(
    *visits: Target, kit: CheckOut | None = None, sent: QueueView | None = None, sop: SopView | None = None
) -> FieldDay:
    return FieldDay(DayOverview(ACTIVITY, count(), ()), visits, sent or queue(), (), sop, kit)


def cards(found: FieldDay, counted: OutreachCount | None = None, ready: int = 4) -> tuple[BigAction, ...]:
    return actions_of(found, counted or count(), ready, Steps(), lambda: None)


def visits(*states: TargetState) -> tuple[Target, ...]:
    return tuple(
        replace(TARGETS[0], target_id=f"t{house}", house=house, state=state) for house, state in enumerate(states, 1)
    )


S = TargetState
DONE = (S.RECORDED, S.RECORDED_WITH_EXCEPTION, S.POSTPONED, S.CANCELLED)


@pytest.mark.parametrize(
    ("states", "line"),
    [
        ((), message("beranda.no_visits")),
        (DONE, message("beranda.all_done")),
        ((*DONE, S.RECORDING, S.PLANNED), message("beranda.next_house", house=5, rt="003", rw="001")),
        ((*DONE, S.PLANNED, S.RECORDING), message("beranda.next_house", house=5, rt="003", rw="001")),
    ],
)
def test_the_next_house_is_the_first_that_is_planned_or_being_recorded(
    states: tuple[TargetState, ...], line: Message
) -> None:
    assert cards(day(*visits(*states)))[0].line == line


@pytest.mark.parametrize(
    ("waiting", "unsent", "primary"),
    [(1, 0, ["record"]), (1, 1, ["record"]), (0, 1, ["send"]), (0, 0, ["record"])],
)
def test_one_card_is_the_first_to_press(waiting: int, unsent: int, primary: list[str]) -> None:
    found = cards(day(sent=queue(unsent)), count(waiting))
    assert [each.action.name for each in found if each.action.weight is Weight.PRIMARY] == primary


@pytest.mark.parametrize(
    ("unsent", "purged", "line", "headline"),
    [
        (2, 1, "beranda.send_line", message("common.unsent", count=2)),
        (0, 1, "beranda.sent_line", message("beranda.nothing_unsent")),
        (0, 0, "beranda.nothing_sealed", message("beranda.nothing_unsent")),
    ],
)
def test_the_card_of_sending_tells_what_waits(unsent: int, purged: int, line: str, headline: Message) -> None:
    send = cards(day(sent=queue(unsent, purged)))[2]
    assert (send.line, send.headline) == (message(line), headline)


@pytest.mark.parametrize(
    ("kit", "ready", "headline", "tone", "is_counted"),
    [
        (None, 4, message("beranda.kit_not_out"), Tone.CAUTION, False),
        (BACK, 4, message("beranda.kit_back"), Tone.NEUTRAL, False),
        (KIT, 4, message("beranda.kit_checked", done=1, total=2), Tone.CAUTION, False),
        (OUT, 3, message("beranda.check_devices"), Tone.CAUTION, False),
        (OUT, 4, message("beranda.ready"), Tone.GOOD, True),
    ],
)
def test_the_card_of_preparing_tells_what_is_not_ready(
    kit: CheckOut | None, ready: int, headline: Message, tone: Tone, is_counted: bool
) -> None:
    prepare = cards(day(kit=kit), ready=ready)[1]
    devices = message("common.devices_ready", ready=ready, needed=4)
    assert (prepare.headline, prepare.tone) == (headline, tone)
    assert prepare.line == (message("beranda.kit_out", count=2) if is_counted else devices)


@pytest.mark.parametrize(
    ("kit", "headline", "refused"),
    [
        (None, message("beranda.none_out"), message("beranda.nothing_out")),
        (KIT, message("beranda.none_out"), message("beranda.nothing_out")),
        (OUT, message("beranda.things", count=2), ""),
        (BACK, message("common.done"), message("beranda.kit_back")),
    ],
)
def test_only_what_is_out_is_brought_back(kit: CheckOut | None, headline: Message, refused: Message) -> None:
    back = cards(day(kit=kit))[3]
    assert (back.headline, back.action.refused) == (headline, refused)


def test_the_sarpras_of_no_activity_are_of_none() -> None:
    steps = Steps()
    for activity in (ACTIVITY, None):
        found = replace(day(), day=DayOverview(activity, None, ()))
        runs = actions_of(found, count(), 4, steps, lambda: None)[1].action.runs
        assert isinstance(runs, Callable)  # type: ignore[arg-type]
        runs()  # type: ignore[operator, misc]
    assert steps.taken == [("push", "check_out", "a1"), ("push", "check_out", "")]


@pytest.mark.parametrize(
    ("open_at", "of", "first", "shown"),
    [
        (21, 30, 18, 11),
        (1, 30, 1, 11),
        (4, 30, 1, 11),
        (5, 30, 2, 11),
        (31, 30, 20, 11),
        (30, 30, 20, 11),
        (2, 5, 1, 5),
    ],
)
def test_the_next_visit_stands_in_sight_with_three_before_it(open_at: int, of: int, first: int, shown: int) -> None:
    states = [S.RECORDED if house < open_at else S.RECORDING for house in range(1, of + 1)]
    side = side_of(day(*visits(*states)))
    assert (side[0].name, len(side)) == (f"t{first}", shown)


MINE, OTHERS = step_view(), step_view(turn=Turn.OTHERS, doer="Kasi")
OVER, RUNS = over(How.FULFILLED), step_view(turn=Turn.OTHERS, state=StepState.RUNNING)
WAITS = step_view(turn=Turn.OTHERS, state=StepState.WAITING)
ITSELF = step_view(turn=Turn.ITSELF)


@pytest.mark.parametrize(
    ("current", "over_before", "of", "first"),
    [(OTHERS, 10, 20, 5), (RUNS, 10, 20, 5), (OTHERS, 0, 20, 1), (WAITS, 20, 20, 9), (OTHERS, 2, 6, 1)],
)
def test_the_step_of_the_day_stands_in_the_middle(current: StepView, over_before: int, of: int, first: int) -> None:
    steps = (*[OVER] * over_before, current, *[WAITS] * of)[:of]
    side = side_of(day(sop=sop_view(*steps)))
    assert (side[0].name, len(side)) == (str(first), min(12, of))


def test_a_step_tells_its_time_or_ending_else_who_does_it() -> None:
    side = side_of(day(sop=sop_view(over(How.FULFILLED, by="Rina"), OTHERS)))
    assert [step.detail for step in side] == [message("langkah.by", who="Rina"), "Kasi"]


@pytest.mark.parametrize(
    ("sop", "told"),
    [
        (sop_view(OTHERS, MINE), message("beranda.step_yours", no=2, words="Merekam")),
        (sop_view(WAITS, OTHERS), message("beranda.step_of", no=2, words="Merekam", who="Kasi")),
        (sop_view(WAITS, RUNS), message("beranda.step_of", no=2, words="Merekam", who="Petugas")),
        (sop_view(OVER, ITSELF), message("beranda.sop_done")),
        (sop_view(over(How.DECLARED), ITSELF), message("beranda.sop_by_word", count=1)),
        (
            sop_view(over(How.DECLARED), left=(Lack(Missing.UNSENT), Lack(Missing.OUTPUT))),
            message("beranda.sop_left", count=2),
        ),
        (
            sop_view(OTHERS, over(How.DECLARED), left=(Lack(Missing.UNSENT),)),
            message("beranda.step_of", no=1, words="Merekam", who="Kasi"),
        ),
    ],
)
def test_the_step_of_the_day_is_the_users_own_else_the_next(sop: SopView, told: Message) -> None:
    assert turn_words(sop) == told


@pytest.mark.parametrize(("surat", "shown"), [("K07-0031", "K07-0031"), ("", "–")])
def test_other_activities_of_the_day_are_counted(surat: str, shown: str) -> None:
    activity = replace(ACTIVITY, surat_tugas=surat)
    said = {"surat": shown, "day": "21-11-2026"}
    assert subtitle_of(activity, 0) == message("beranda.subtitle", **said)
    assert subtitle_of(activity, 1) == message("beranda.subtitle_more", **said, count=1)


def test_what_needs_a_look_is_told_by_its_tone() -> None:
    tones = [(number.value, number.tone) for number in numbers_of(count(revisit=2), 1)]
    assert tones == [("7", Tone.NEUTRAL), ("3", Tone.GOOD), ("1", Tone.CAUTION), ("2", Tone.BAD), ("1", Tone.BAD)]
    assert numbers_of(count())[-1] == Number("0", message("beranda.revisit"), Tone.NEUTRAL)
