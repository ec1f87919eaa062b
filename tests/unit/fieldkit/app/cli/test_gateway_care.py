from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import true_clock
from support.commands import fieldkit, refused
from support.gateway import enrolled_kit, receive

from sync.gateway import provision
from sync.gateway.ledger import Ledger
from sync.gateway.tables import records
from sync.protocol.messages import Announcement


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gateway with one invalid record of long ago."""
    clock = true_clock()
    clock.advance(days=-40)
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    gateway_context = provision.open_gateway(tmp_path / "gateway", clock)
    kit = enrolled_kit(tmp_path / "gateway", gateway_context, clock, "kit-01")
    record_id, manifest, sealed, _ = kit.record(size=2000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(verdict="invalid"))
    gateway_context.engine.dispose()
    return tmp_path / "gateway"


def test_what_is_due_is_told_before_it_is_erased_with_proof(folder: Path) -> None:
    assert fieldkit("gateway", "retention", "--dir", folder, "--days", "30", "--json").json["due"] == []
    asked = ("gateway", "retention", "--dir", folder, "--days", "30", "--invalid-days", "30")
    told = fieldkit(*asked, "--json")
    assert (len(told.json["due"]), told.json["done"]) == (1, None)
    assert fieldkit(*asked).out.startswith("Waktunya habis: 1 rekaman")
    assert fieldkit("gateway", "erasures", "--dir", folder, "--json").json == []
    assert fieldkit(*asked, "--erase", "--json").json["done"] == {"erased": 1, "unfinished": 0, "bundles": 0}
    (erasure,) = fieldkit("gateway", "erasures", "--dir", folder, "--json").json
    assert (erasure["reason"], erasure["statement"].count(".")) == ("invalid", 2)
    assert "invalid" in fieldkit("gateway", "erasures", "--dir", folder).out
    assert fieldkit("gateway", "verify", "--dir", folder, "--json").json["lost"] == []


def test_a_store_that_is_away_is_one_sentence(folder: Path) -> None:
    (folder / "objects").rename(folder / "unmounted")
    words = ("--days", "30", "--invalid-days", "30", "--erase")
    assert refused("gateway", "retention", "--dir", folder, *words) == (3, "gateway.objects_away")


def test_certificates_and_keys_are_made_anew(folder: Path, tmp_path: Path) -> None:
    told = fieldkit("gateway", "renew", "--dir", folder, "--json").json
    assert (told["ending"], told["tls_until"] < told["ca_until"]) == ([], True)
    assert fieldkit("gateway", "renew", "--dir", folder).out.count("\n") == 2
    assert fieldkit("gateway", "reissue", "--dir", folder, "--host", "gateway.example").out.count("\n") == 1
    key = tmp_path / "new.identity"
    both = fieldkit("gateway", "reissue", "--dir", folder, "--opener", "--authority", "--out", key)
    assert (both.code, "--again" in both.out, key.exists()) == (0, True, True)
    assert set(fieldkit("gateway", "reissue", "--dir", folder, "--opener", "--json").json) == {"identity"}
    assert refused("gateway", "reissue", "--dir", folder) == (2, "gateway.nothing_to_reissue")
