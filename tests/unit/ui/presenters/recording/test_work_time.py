from __future__ import annotations

from support.app_context import Kit
from support.tasks import SameThread

from fieldkit.domain.recording.session import EndReason
from ui.presenters.recording.steps import IDLE_S, NOTE_EVERY_MS, SessionWork


class Watch:
    def __init__(self, kit: Kit) -> None:
        self.at, self.recording = 1000.0, kit.context.recording
        self.session_id = self.recording.open("t1").session_id
        self.work = SessionWork(self.recording, SameThread(), self.session_id, lambda: self.at)

    def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.at += 1
            self.work.look()


def test_only_the_time_while_it_runs_counts(kit: Kit) -> None:
    watch = Watch(kit)
    watch.pass_by(10)
    watch.work.run()
    watch.pass_by(30)
    watch.work.rest()
    watch.pass_by(600)
    watch.work.run()
    watch.pass_by(12)
    assert watch.work.counted_ms == 42_000


def test_a_closed_lid_counts_nothing(kit: Kit) -> None:
    watch = Watch(kit)
    watch.work.run()
    watch.pass_by(5)
    watch.at += 3600
    watch.work.look()
    watch.work.touch()
    watch.pass_by(5)
    assert watch.work.counted_ms == 10_000


def test_nobody_there_counts_a_little_while_only_and_goes_on_with_the_next_key(kit: Kit) -> None:
    watch = Watch(kit)
    watch.work.run()
    watch.pass_by(IDLE_S + 600)
    assert watch.work.counted_ms == IDLE_S * 1000
    watch.work.touch()
    watch.pass_by(7)
    assert watch.work.counted_ms == (IDLE_S + 7) * 1000


def test_it_is_noted_every_few_seconds_and_when_it_rests(kit: Kit) -> None:
    watch = Watch(kit)
    watch.work.run()

    def after(seconds: int) -> int:
        watch.pass_by(seconds)
        return watch.recording.find(watch.session_id).worked_ms

    assert after(9) == 0
    assert after(1) == NOTE_EVERY_MS
    assert after(4) == NOTE_EVERY_MS
    watch.work.rest()
    assert after(60) == 14_000
    watch.work.run()
    assert watch.work.counted_ms == 14_000
    assert after(10) == 24_000


def test_what_is_noted_after_the_end_changes_nothing(kit: Kit) -> None:
    session = kit.context.recording.open("t1")
    kit.context.recording.refuse(session.session_id, EndReason.DECLINED)
    assert kit.context.recording.note_work(session.session_id, 5000).worked_ms == 0
