"""Beranda of the team: the day's activity, four big actions, the SOP or the visits beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fieldkit.domain.planning.outreach import Activity, OutreachCount, Target, TargetState
from fieldkit.domain.sarpras import CheckOut
from fieldkit.domain.sop.run import StepState
from fieldkit.services.delivery.check_store import BackupStanding
from fieldkit.services.delivery.deliver import QueueView
from fieldkit.services.home import Left
from fieldkit.services.sop.view import SopView, StepView, Turn
from fieldkit.services.visits.plan_visits import DayOverview
from ui.presenters.amounts import day_text
from ui.presenters.devices import NEEDED
from ui.presenters.figures import BigAction, Number, Step, StepMark
from ui.presenters.parts import Tone
from ui.presenters.planning.steps import line_of
from ui.presenters.presenter import CHOICES, Command, Message, Navigator, Weight, message, opens

_VISITS_SHOWN = 11
_STEPS_SHOWN = 12
_DONE_SHOWN = 3  # visits that stay in sight above the next one


_NO_BACKUP_DUE = BackupStanding(0, None, is_due=False)


@dataclass(frozen=True, slots=True)
class FieldDay:
    """What Beranda of the team is made from."""

    day: DayOverview
    visits: tuple[Target, ...]
    queue: QueueView
    left: tuple[Left, ...]  # what the user left unfinished, latest first
    sop: SopView | None
    kit: CheckOut | None
    conflicts: int = 0  # between laptops of the team
    backup: BackupStanding = _NO_BACKUP_DUE


def subtitle_of(activity: Activity, others: int) -> Message:
    """Return letter and day of the activity, and how many others are today: one of them is worked on at a time."""
    said = {"surat": activity.surat_tugas or "–", "day": day_text(activity.on)}
    return message("beranda.subtitle_more", **said, count=others) if others else message("beranda.subtitle", **said)


def numbers_of(count: OutreachCount, conflicts: int = 0) -> tuple[Number, ...]:
    """Return the numbers of the day; that of the conflicts only where there are some."""
    differing = (Number(str(conflicts), message("beranda.conflicts"), Tone.BAD),) if conflicts else ()
    return (
        Number(str(count.targets), message("common.targets_counted")),
        Number(str(count.recorded), message("beranda.recorded"), Tone.GOOD),
        Number(str(count.with_exception), message("beranda.with_exception"), Tone.CAUTION),
        Number(str(count.revisit), message("beranda.revisit"), Tone.BAD if count.revisit else Tone.NEUTRAL),
        *differing,
    )


def _first_shown(visits: tuple[Target, ...]) -> int:
    """Return the first visit to show, so that the next one stands in sight with what was just done above it."""
    following = next((at for at, visit in enumerate(visits) if visit.state in _OPEN), len(visits))
    return max(0, min(following - _DONE_SHOWN, len(visits) - _VISITS_SHOWN))


def actions_of(
    found: FieldDay, count: OutreachCount, ready: int, navigator: Navigator, record: Callable[[], None]
) -> tuple[BigAction, ...]:
    """Return the four ways of a day; `ready` are the devices that a recording needs and that answer."""
    mine = found.day.activity.activity_id if found.day.activity else ""
    return (
        _record(found, count, record),
        _prepare(found.kit, ready, opens(navigator, "check_out", activity_id=mine)),
        _send(found.queue, count, opens(navigator, "queue")),
        _bring_back(found.kit, opens(navigator, "check_in", activity_id=mine)),
    )


def _record(found: FieldDay, count: OutreachCount, go: Callable[[], None]) -> BigAction:
    following = next((t for t in found.visits if t.state in _OPEN), None)
    line: Message = message("beranda.all_done" if found.visits else "beranda.no_visits")
    if following is not None:
        address = following.biodata.address
        line = message("beranda.next_house", house=following.house, rt=address.rt, rw=address.rw)
    weight = _weight(count.waiting > 0 or not found.queue.unsent)
    action = Command("record", message("common.record"), CHOICES[0], weight, runs=go)
    return BigAction(action, line, message("common.waiting", count=count.waiting))


def _prepare(kit: CheckOut | None, ready: int, go: Callable[[], None]) -> BigAction:
    action = Command("prepare", message("beranda.prepare"), CHOICES[1], runs=go)
    devices = message("common.devices_ready", ready=ready, needed=len(NEEDED))
    if kit is not None and kit.check_in:
        return BigAction(action, devices, message("beranda.kit_back"))
    if kit is None:
        return BigAction(action, devices, message("beranda.kit_not_out"), Tone.CAUTION)
    lines = kit.checklist.lines
    if not kit.is_out:
        done = sum(line.condition is not None for line in lines)
        return BigAction(action, devices, message("beranda.kit_checked", done=done, total=len(lines)), Tone.CAUTION)
    if ready < len(NEEDED):
        return BigAction(action, devices, message("beranda.check_devices"), Tone.CAUTION)
    return BigAction(action, message("beranda.kit_out", count=len(lines)), message("beranda.ready"), Tone.GOOD)


def _send(queue: QueueView, count: OutreachCount, go: Callable[[], None]) -> BigAction:
    weight = _weight(count.waiting == 0 and queue.unsent > 0)
    action = Command("send", message("beranda.send"), CHOICES[2], weight, runs=go)
    if queue.unsent:
        return BigAction(action, message("beranda.send_line"), message("common.unsent", count=queue.unsent))
    line = message("beranda.sent_line") if queue.sealed else message("beranda.nothing_sealed")
    return BigAction(action, line, message("beranda.nothing_unsent"))


def _bring_back(kit: CheckOut | None, go: Callable[[], None]) -> BigAction:
    is_out = kit is not None and kit.is_out
    refused: Message = "" if is_out else message("beranda.kit_back" if kit and kit.check_in else "beranda.nothing_out")
    action = Command("bring_back", message("beranda.bring_back"), CHOICES[3], refused=refused, runs=go)
    if kit is not None and kit.check_in:
        return BigAction(action, message("beranda.kit_back"), message("common.done"), Tone.GOOD)
    things = (
        message("beranda.things", count=len(kit.checklist.lines)) if kit and is_out else message("beranda.none_out")
    )
    return BigAction(action, message("beranda.bring_back_line"), things)


def side_of(found: FieldDay) -> tuple[Step, ...]:
    """Return what stands beside the cards: the SOP's steps, or the visits where none runs."""
    if found.sop is not None:
        steps = found.sop.steps
        current = next((at for at, step in enumerate(steps) if step.state in _RUNNING), len(steps))
        first = max(0, min(current - _STEPS_SHOWN // 2, len(steps) - _STEPS_SHOWN))
        return tuple(map(_step, steps[first : first + _STEPS_SHOWN]))
    first = _first_shown(found.visits)
    return tuple(_visit(target) for target in found.visits[first : first + _VISITS_SHOWN])


def sop_title(sop: SopView) -> Message:
    """Return the name of an SOP, without what it spells out in brackets, and how far it is."""
    return message("beranda.sop_title", name=sop.name, done=sop.done, total=len(sop.steps))


def turn_words(sop: SopView) -> Message:
    """Return the step of the day with whose turn it is; the user's own comes first."""
    ready = [step for step in sop.steps if step.state in _RUNNING and step.turn is not Turn.ITSELF]
    step = next(iter([*sop.my_turn, *ready]), None)
    if step is None and sop.left:
        return message("beranda.sop_left", count=len(sop.left))
    if step is None and sop.by_word:
        return message("beranda.sop_by_word", count=sop.by_word)
    if step is None:
        return message("beranda.sop_done")
    if step in sop.my_turn:
        return message("beranda.step_yours", no=step.no, words=step.title)
    return message("beranda.step_of", no=step.no, words=step.title, who=step.doer)


def _step(step: StepView) -> Step:
    line = line_of(step)
    return Step(str(step.no), line.words, line.mark, line.details[1] if len(line.details) > 1 else step.doer)


def _weight(is_primary: bool) -> Weight:
    return Weight.PRIMARY if is_primary else Weight.SECOND


_RUNNING = (StepState.READY, StepState.RUNNING)
_OPEN = (TargetState.PLANNED, TargetState.RECORDING)
_MARKS = {
    TargetState.PLANNED: StepMark.PENDING,
    TargetState.RECORDING: StepMark.CURRENT,
    TargetState.RECORDED: StepMark.DONE,
    TargetState.RECORDED_WITH_EXCEPTION: StepMark.EXCEPTED,
    TargetState.POSTPONED: StepMark.MISSING,
    TargetState.CANCELLED: StepMark.MISSING,
}


def _visit(target: Target) -> Step:
    address = target.biodata.address
    return Step(
        target.target_id,
        target.biodata.masked_name,
        _MARKS[target.state],
        message("beranda.house", house=target.house, rt=address.rt, rw=address.rw),
    )
