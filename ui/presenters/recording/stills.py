"""Pictures of kept samples, each read from the store and decoded once, away from the window."""

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
        self._loaded: dict[str, Still] = {}  # by the id of the sample, whose bytes never change

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
        wish, wanted = self._wish, tuple(ref.sample_id for ref in refs)
        fresh = tuple(sample_id for sample_id in wanted if sample_id not in self._loaded)

        def decode(samples: tuple[Sample, ...]) -> None:
            self._tasks.run(COMPUTE, lambda: self._decode(session, samples), show, failed)

        def show(stills: tuple[Still, ...]) -> None:
            self._loaded.update(zip(fresh, stills, strict=True))
            if wish == self._wish:
                done(tuple(self._loaded[sample_id] for sample_id in wanted))

        if fresh:
            recording = self._context.recording
            self._tasks.run(STORE, lambda: tuple(map(recording.sample, fresh)), decode, failed)
        else:
            decode(())

    def _decode(self, session: CaptureSession, samples: Sequence[Sample]) -> tuple[Still, ...]:
        picture, verdict = self._context.pictures.jpeg, session.policy.verdict
        return tuple(
            Still(s.position, picture(s, _STILL_PX), TONE_OF[verdict(s.position, s.quality.value)]) for s in samples
        )
