from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError
from sync.gateway.assembly import gateway_server, opener_of
from sync.gateway.house import House
from sync.gateway.penunggalan import NikRule
from sync.kit.transport import Wire, pinned_context
from sync.protocol.messages import Health


def test_a_folder_becomes_a_listening_gateway(folder: Path, clock: HandClock, house: House) -> None:
    server = gateway_server(folder, clock)
    server.start()
    wire = Wire(server.url, pinned_context(house.configuration.ca_certificate))
    assert wire.ask_message("GET", "/health", Health, headers={}).gateway == house.name
    wire.close()
    server.stop()


def test_without_the_identity_the_opener_runs_elsewhere(folder: Path, house: House) -> None:
    assert opener_of(folder, house, NikRule()) is not None
    (folder / "opener.identity").unlink()
    assert opener_of(folder, house, NikRule()) is None


def test_an_empty_folder_is_no_gateway(tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(InputError):
        gateway_server(tmp_path / "nothing", clock)
