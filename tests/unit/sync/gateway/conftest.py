from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import HandClock
from support.gateway import Kit, clock, folder, gateway_context
from support.gateway import enrolled_kit as enrolled

from sync.gateway.database import GatewayContext

__all__ = ["clock", "enrolled", "folder", "gateway_context"]


@pytest.fixture
def kit(folder: Path, gateway_context: GatewayContext, clock: HandClock) -> Kit:
    return enrolled(folder, gateway_context, clock, "kit-01")
