"""When a record counts as decided; the acts themselves are walked in tests/e2e."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from fieldkit.app.demo.outreach.field_acts import _is_decided
from fieldkit.domain.delivery.sealed import QueueEntry


@pytest.mark.parametrize(
    ("code", "is_decided"),
    [(None, False), ("RECEIVED_AT_CENTRAL", False), ("PRINT_READY_RECORD", True), ("DUPLICATE_RECORD", True)],
)
def test_only_what_the_data_center_decided_is_decided(code: str | None, is_decided: bool) -> None:
    entry = SimpleNamespace(central=None if code is None else SimpleNamespace(code=code))
    assert _is_decided(cast(QueueEntry, entry)) is is_decided
