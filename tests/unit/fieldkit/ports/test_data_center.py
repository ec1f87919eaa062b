from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fieldkit.domain.errors import Problem, Recovery
from fieldkit.ports.delivery import SyncReport

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(("here", "there", "agree"), [(3, 3, True), (3, 2, False), (0, None, False)])
def test_counts_agree_only_when_both_were_made(here: int, there: int | None, agree: bool) -> None:
    assert SyncReport(NOW, NOW, held_here=here, held_there=there).counts_agree is agree


def test_a_run_worries_only_about_what_the_office_must_hear() -> None:
    worry = Problem("sync.new_chain", recovery=Recovery.ASK_OFFICE)
    assert SyncReport(NOW, NOW, notes=(Problem("sync.released"), worry)).worry == worry
    assert SyncReport(NOW, NOW, notes=(Problem("sync.released"),)).worry is None
    assert SyncReport(NOW, NOW, forked="manifest.fork").is_forked
