"""A laptop and a data center as version 0.2.0 left them, taken over by this program (`tests/data/README.md`)."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.homes import CLOCK, opened
from support.room import LEAD
from support.sending import sent, until

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import RuleError
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from sync.gateway.server import gateway_server

DATA = Path(__file__).parents[2] / "data"
ARCHIVE = DATA / "home-0.2.0.tar.xz"


@pytest.fixture
def left(tmp_path: Path) -> dict[str, Any]:
    """What was left: unpacked, with the ids of its recordings."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path)
    return dict(json.loads((tmp_path / "facts.json").read_text()))


@pytest.fixture
def home(left: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """The laptop, and its data center on whatever port is free here."""
    server = gateway_server(tmp_path / "center", CLOCK)
    server.start()
    read = KitSettings._read
    here = {"gateway_url": server.url}
    monkeypatch.setattr(KitSettings, "_read", staticmethod(lambda kept: read(kept).model_copy(update=here)))
    yield Home(tmp_path / "kit")
    server.stop()


def test_the_archive_is_the_one_that_is_described() -> None:
    digest = hashlib.sha256(ARCHIVE.read_bytes()).hexdigest()
    assert re.search(rf"`{digest}`", (DATA / "README.md").read_text())


def test_what_waited_goes_on_and_overrides_wait_for_the_team_lead(left: dict[str, Any], home: Home) -> None:
    assert (left["version"], home.read_public().store_version) == ("0.2.0", "0009")
    queued, overridden = left["queued"], left["overridden"]
    with opened(home) as context:
        assert {context.delivery.entry(each).state for each in (queued, overridden)} == {DeliveryState.QUEUED}
        from_open = context.sealing.seal(left["open"]).record.record_id
        until(context, queued, "PRINT_READY_RECORD")
        for record_id in (overridden, from_open):
            until(context, record_id, "PROCESSING", LEAD_WANTED)
            assert context.delivery.entry(record_id).state is DeliveryState.ACKNOWLEDGED, "nothing is refused"
            with pytest.raises(RuleError):  # a petugas answers for nothing
                context.vouching.vouch(record_id)
    with opened(home, LEAD) as context:
        for record_id in (overridden, from_open):
            context.vouching.vouch(record_id)
            until(context, record_id, "PRINT_READY_RECORD")
            reasons = [each.reason for each in context.delivery.entry(record_id).statuses]
            assert reasons.count(LEAD_WANTED) == 1, "told once"
            with pytest.raises(RuleError):
                context.vouching.vouch(record_id)
        sent(context)
        assert {context.delivery.entry(each).state for each in (queued, overridden, from_open)} == {
            DeliveryState.ACKNOWLEDGED
        }
    assert home.read_public().store_version > "0009"
