from __future__ import annotations

from support.app_context import Kit
from support.tasks import Steps

from ui.presenters.recording.opening import show_recording


def test_nobody_is_recorded_who_was_not_told(kit: Kit, steps: Steps) -> None:
    session = kit.context.recording.open("t1")
    show_recording(steps, session)
    told = kit.context.recording.give_notice(session.session_id, "id")
    show_recording(steps, told)
    assert steps.taken == [
        ("push", "notice", session.session_id),
        ("push", "recording", session.session_id),
    ]
