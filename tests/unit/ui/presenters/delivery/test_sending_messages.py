from __future__ import annotations

from datetime import timedelta

from support.app_context import TARGETS, Kit
from support.tasks import SameThread

from fieldkit.domain.errors import Problem
from ui.presenters.delivery.sending import Sending
from ui.presenters.delivery.sending_messages import end_of, progress_of
from ui.presenters.messages import message
from ui.presenters.parts import Progress, Toast, Tone


def test_a_run_tells_its_size_its_speed_and_the_time_left(kit: Kit, tasks: SameThread) -> None:
    for number in range(3):
        kit.seal(number + 1, TARGETS[number], timedelta(hours=30 - number))
    sending, seen = Sending(kit.context, tasks), list[Progress]()
    assert progress_of(sending) is None

    def moved() -> None:
        if (progress := progress_of(sending)) is not None and progress.detail:
            seen.append(progress)

    sending.listen(moved)
    sending.begin()
    assert seen[0].title == message("kirim.sent_of", whole=0, tenth=9, of_whole=5, of_tenth=4)
    assert seen[0].detail == message("kirim.speed_seconds_left", speed=56, count=80)
    (toast,) = end_of(sending)
    assert isinstance(toast, Toast)
    assert (toast.words, toast.tone) == (message("kirim.all_done", done=3), Tone.GOOD)


def test_a_run_that_could_not_begin_tells_only_why(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    kit.center.stopped_by = Problem("sync.unreachable")
    sending = Sending(kit.context, tasks)
    assert end_of(sending) == ()
    sending.begin()
    assert end_of(sending) == (Problem("sync.unreachable"),)
