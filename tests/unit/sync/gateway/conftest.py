from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clock import HandClock, true_clock
from support.gateway import Kit
from support.gateway import enrolled_kit as enrolled

from sync.gateway import provision
from sync.gateway.context import GatewayContext

__all__ = ["enrolled"]


@pytest.fixture
def clock() -> HandClock:
    return true_clock()


@pytest.fixture
def folder(tmp_path: Path, clock: HandClock) -> Path:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    return tmp_path / "gateway"


@pytest.fixture
def gateway_context(folder: Path, clock: HandClock) -> Iterator[GatewayContext]:
    opened = provision.open_gateway(folder, clock)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def kit(folder: Path, gateway_context: GatewayContext, clock: HandClock) -> Kit:
    return enrolled(folder, gateway_context, clock, "kit-01")
