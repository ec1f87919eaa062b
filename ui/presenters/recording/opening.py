"""From a target to the screen on which its recording goes on."""

from __future__ import annotations

from fieldkit.domain.recording.session import CaptureSession
from ui.presenters.navigator import Navigator


def show_recording(navigator: Navigator, session: CaptureSession) -> None:
    """Open the notice of a session that has not heard it yet, else its recording."""
    screen = "recording" if session.notice is not None else "notice"
    navigator.push(screen, session_id=session.session_id)
