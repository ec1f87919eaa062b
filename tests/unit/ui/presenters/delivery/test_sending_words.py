"""What is told of a run that sends, while it goes on and when it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from support.app_context import TARGETS, Kit
from support.clock import NOW
from support.tasks import SameThread

from fieldkit.domain.errors import Problem, Recovery
from fieldkit.domain.office_bundles import BundleKind, BundleStanding
from fieldkit.ports.delivery import SyncProgress, SyncReport
from ui.presenters.delivery.queue import Sending, end_of, follow, progress_of, stopped_by
from ui.presenters.parts import Progress, Toast, Tone
from ui.presenters.presenter import Message, message
from ui.presenters.tasks import SYNC

REPORT = SyncReport(NOW, NOW)
AWAY, WORRY = Problem("sync.unreachable"), Problem("sync.new_chain", recovery=Recovery.ASK_OFFICE)
CAME = (BundleStanding(BundleKind.SOP, "kia", 1),)


class LateTasks(SameThread):
    """What is posted comes when the test says so."""

    def __init__(self, *held: str) -> None:
        super().__init__(*held)
        self.posted: list[Callable[[], None]] = []

    def post(self, func: Callable[[], None]) -> None:
        self.posted.append(func)


@pytest.mark.parametrize(
    ("changes", "words", "tone"),
    [
        (
            {"is_cancelled": True, "quarantined": ("r1",), "waiting": 3},
            message("kirim.paused", waiting=3),
            Tone.CAUTION,
        ),
        (
            {"acknowledged": ("r2",), "quarantined": ("r1",), "waiting": 3},
            message("kirim.some_held", done=1, held=1),
            Tone.BAD,
        ),
        (
            {"acknowledged": ("r2",), "waiting": 3, "from_office": CAME},
            message("kirim.some_wait", done=1, waiting=3),
            Tone.CAUTION,
        ),
        ({"from_office": CAME, "exchanged": 2}, message("kirim.fetched", count=3), Tone.GOOD),
        ({"acknowledged": ("r2",), "from_office": CAME}, message("kirim.all_done", done=1), Tone.GOOD),
        ({}, message("kirim.all_done", done=0), Tone.GOOD),
    ],
)
def test_the_end_of_a_run_is_told_by_what_matters_most(
    idle: Kit, changes: dict[str, Any], words: Message, tone: Tone
) -> None:
    sending = Sending(idle.context, SameThread())
    sending.report = replace(REPORT, **changes)
    (toast,) = end_of(sending)
    assert isinstance(toast, Toast)
    assert (toast.words, toast.tone) == (words, tone)


@pytest.mark.parametrize(
    ("report", "problem", "stopped", "told"),
    [
        (None, None, None, 0),
        (None, AWAY, AWAY, 1),
        (replace(REPORT, stopped_by=AWAY), None, AWAY, 1),
        (REPORT, None, None, 1),
        (replace(REPORT, notes=(WORRY,)), None, None, 2),
    ],
)
def test_why_a_run_stopped_is_told_instead_of_what_it_did(
    idle: Kit, report: SyncReport | None, problem: Problem | None, stopped: Problem | None, told: int
) -> None:
    sending = Sending(idle.context, SameThread())
    sending.report, sending.problem = report, problem
    assert (stopped_by(sending), len(end_of(sending))) == (stopped, told)
    assert stopped is None or end_of(sending) == (stopped,)


def step(sent: int, record_id: str = "r1") -> SyncProgress:
    return SyncProgress("sync.step.send", record_id, sent, 2_000_000, 0, 1)


def test_how_far_a_run_is_is_told_as_soon_as_it_is_known(kit: Kit) -> None:
    kit.seal(1, TARGETS[0], size=2_000_000)
    kit.seal(2, TARGETS[1], size=9_000_000)
    kit.outbox.quarantine("0199-0002", "sync.too_large")
    tasks = SameThread(SYNC)
    sending, told = Sending(kit.context, tasks), list[Progress | None]()
    told.append(progress_of(sending))
    kit.context.delivery.queue()
    sending.begin()
    told.append(progress_of(sending))
    sending.offer(SyncProgress("sync.step.events"))
    told.append(progress_of(sending))
    sending.total_bytes = 2_000_000
    sending.offer(step(500_000))
    told.append(progress_of(sending))
    kit.clock.advance(seconds=10)
    sending.offer(step(1_000_000))
    told.append(progress_of(sending))
    sending.pause()
    told.append(progress_of(sending))
    half = message("kirim.sent_of", whole=0, tenth=5, of_whole=2, of_tenth=0)
    assert told == [
        None,
        Progress(message("sync.step.hello")),
        Progress(message("sync.step.events")),
        Progress(half, 500_000, 2_000_000),
        Progress(
            message("kirim.sent_of", whole=1, tenth=0, of_whole=2, of_tenth=0),
            1_000_000,
            2_000_000,
            message("kirim.speed_seconds_left", speed=50, count=20),
        ),
        Progress(message("kirim.stopping")),
    ]


def test_only_what_a_run_may_send_counts_to_its_size_and_each_run_counts_anew(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0], size=2_000_000)
    kit.seal(2, TARGETS[1], size=9_000_000)
    kit.outbox.quarantine("0199-0002", "sync.too_large")
    sending = Sending(kit.context, tasks)
    sending.begin()
    assert (sending.total_bytes, sending.sent_bytes) == (2_000_000, 2_000_000)
    sending.begin()
    kit.clock.advance(seconds=10)
    assert (sending.total_bytes, sending.sent_bytes, sending.bytes_per_second) == (0, 0, 0)


def test_everybody_who_listens_hears_of_each_change(idle: Kit) -> None:
    tasks, heard = LateTasks(SYNC), list[str]()
    sending, acts = Sending(idle.context, tasks), list[str]()
    sending.listen(lambda: heard.append(acts[-1]))
    for name, act in {
        "pausing nothing": sending.pause,
        "answered": sending.answered,
        "shut": lambda: sending.shut(None),
        "begun": sending.begin,
        "begun again": sending.begin,
        "offered": lambda: sending.offer(step(1)),
        "shown": lambda: tasks.posted[0](),
        "shown once more": lambda: tasks.posted[0](),
        "paused": sending.pause,
    }.items():
        acts.append(name)
        act()
    assert heard == ["answered", "shut", "begun", "shown", "paused"]
    assert sending.progress == step(1)


def test_what_comes_after_the_end_of_a_run_is_not_shown(idle: Kit) -> None:
    tasks = LateTasks(SYNC)
    sending = Sending(idle.context, tasks)
    sending.begin()
    tasks.release(SYNC)
    sending.offer(step(1))
    for late in tasks.posted:
        late()
    assert (sending.progress, sending.runs) == (None, 1)


def test_a_list_is_told_of_each_change_and_once_of_each_end(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])
    tasks = SameThread(SYNC)
    sending, told = Sending(kit.context, tasks), list[object]()
    leave = follow(sending, told.append)
    sending.answered()
    sending.begin()
    tasks.release(SYNC)
    (toast,) = (each for each in told if each is not None)
    assert isinstance(toast, Toast)
    assert toast.words == message("kirim.all_done", done=1)
    assert told[0] is told[-1] is None
    count = len(told)
    leave()
    sending.answered()
    assert len(told) == count
