from __future__ import annotations

from fieldkit.app.cli.quiet import NeverCancelled, NoProgress
from fieldkit.ports.data_center import SyncProgress
from fieldkit.ports.devices import Cancel


def test_nobody_watches_and_nobody_cancels() -> None:
    quiet = NoProgress()
    quiet.offer(SyncProgress("sync.step.hello"))
    quiet.offer(b"\xff\xd8")
    assert isinstance(NeverCancelled(), Cancel)
    assert not NeverCancelled().is_cancelled()
