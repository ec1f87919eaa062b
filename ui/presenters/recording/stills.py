"""Pictures of kept samples, read from the store and decoded away from the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.capture_step import SampleRef
from fieldkit.domain.recording.samples import Sample
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.services.context.app_context import AppContext
from ui.presenters.recording.state import Still
from ui.presenters.tasks import COMPUTE, STORE, Tasks
from ui.presenters.wording import TONE_OF

_STILL_PX = 640


class Stills:
    """Loads pictures; only the newest wish is answered."""

    def __init__(self, context: AppContext, tasks: Tasks) -> None:
        self._context, self._tasks = context, tasks
        self._wish = 0

    def forget(self) -> None:
        """Let an answer that is still to come go."""
        self._wish += 1

    def load(
        self,
        session: CaptureSession,
        refs: Sequence[SampleRef],
        done: Callable[[tuple[Still, ...]], None],
        failed: Callable[[Problem], None],
    ) -> None:
        """Load the pictures of samples."""
        self.forget()
        wish = self._wish

        def decode(samples: tuple[Sample, ...]) -> None:
            self._tasks.run(COMPUTE, lambda: self._decode(session, samples), show, failed)

        def show(stills: tuple[Still, ...]) -> None:
            if wish == self._wish:
                done(stills)

        recording = self._context.recording
        self._tasks.run(STORE, lambda: tuple(recording.sample(ref.sample_id) for ref in refs), decode, failed)

    def _decode(self, session: CaptureSession, samples: Sequence[Sample]) -> tuple[Still, ...]:
        picture, verdict = self._context.pictures.jpeg, session.policy.verdict
        return tuple(
            Still(s.position, picture(s, _STILL_PX), TONE_OF[verdict(s.position, s.quality.value)]) for s in samples
        )
