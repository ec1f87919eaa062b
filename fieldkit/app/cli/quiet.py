"""Nobody watches and nobody cancels: what commands hand to services instead of a screen."""

from __future__ import annotations

from fieldkit.ports.backups import CopyProgress
from fieldkit.ports.data_center import SyncProgress


class NoProgress:
    """A `ProgressSink`, `PreviewSink` and `CopySink` that nobody looks at."""

    def offer(self, _: SyncProgress | CopyProgress | bytes) -> None:
        """Forget it."""


class NeverCancelled:
    """A `Cancel` for commands; Ctrl-C ends the process and everything saved stays saved."""

    def is_cancelled(self) -> bool:
        """Return False."""
        return False
