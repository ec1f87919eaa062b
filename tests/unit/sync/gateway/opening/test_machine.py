from __future__ import annotations

import json
import stat
import uuid
from pathlib import Path

import pytest
from support.clock import HandClock
from support.gateway import Kit, receive
from support.lenient import be_lenient
from support.records import small_draft

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.formats.container import write_container
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.identity_file import Secret
from fieldkit.vault.sealing import RecordSealer
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.opening.machine import machine_at, take_out
from sync.gateway.penunggalan import DecidedElsewhere, NikRule, Penunggalan
from sync.gateway.places import Places
from sync.protocol.messages import Announcement


def nobody(secret: Secret) -> str:
    raise AssertionError(secret)


def sealed_record(gateway_context: GatewayContext, kit: Kit) -> None:
    be_lenient(gateway_context)
    draft = small_draft(str(uuid.uuid4()), kit.name, at=kit.clock.now())
    recipients = kit.answer.configuration.age_recipients
    sealer = RecordSealer(SigningKey(kit.answer.kit_certificate, kit.key), kit.petugas, recipients)
    sealed = sealer.seal(write_container(draft), kit.clock.now()).data
    record_id, manifest, _, _ = kit.record(sealed=sealed, record_id=draft.record_id)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)


def test_what_is_taken_out_opens_records_and_holds_no_key_of_the_gateway(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock, tmp_path: Path
) -> None:
    sealed_record(gateway_context, kit)
    (folder / "trust").mkdir()
    (folder / "trust" / "maker.pem").write_bytes((folder / "ca.pem").read_bytes())
    out = tmp_path / "apart"
    take_out(folder, out)
    assert sorted(path.name for path in out.rglob("*")) == ["ca.pem", "maker.pem", "nik.key", "opener.json", "trust"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "nik.key").stat().st_mode) == 0o600
    identity = (folder / "opener.identity").rename(tmp_path / "stick.identity")
    places = Places(f"sqlite:///{folder / 'gateway.sqlite3'}", (folder / "objects").as_uri())
    machine = machine_at(out, identity, nobody, clock, places)
    assert machine.devices.are_pinned
    assert machine.opener(NikRule()).run_pending() == 1
    machine.engine.dispose()
    assert [(item.code, item.verdict) for item in Ledger(gateway_context).statuses(kit.name, "").items] == [
        ("RECEIVED_AT_CENTRAL", "valid"),
        ("PRINT_READY_RECORD", "valid"),
    ]


@pytest.mark.parametrize(("penunggalan", "count"), [(DecidedElsewhere("Dinas"), 1), (NikRule(), 2), (None, 1)])
def test_in_the_gateway_s_own_folder_nothing_has_to_be_said(
    gateway_context: GatewayContext,
    kit: Kit,
    folder: Path,
    clock: HandClock,
    penunggalan: Penunggalan | None,
    count: int,
) -> None:
    sealed_record(gateway_context, kit)
    machine = machine_at(folder, folder / "opener.identity", nobody, clock)
    assert machine.opener(penunggalan).run_pending() == 1
    machine.engine.dispose()
    assert len(Ledger(gateway_context).statuses(kit.name, "").items) == count


def test_nothing_is_written_over(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        take_out(folder, folder)
    assert caught.value.code == "gateway.out_taken"


def test_each_fault_has_its_name(
    folder: Path, clock: HandClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(at: Path, **said: str) -> str:
        with pytest.raises(KnownError) as caught:
            machine_at(at, folder / "opener.identity", nobody, clock, Places(**said))
        return caught.value.code

    out = tmp_path / "apart"
    take_out(folder, out)
    for said in ({}, {"database": "sqlite://"}, {"objects": "memory:///"}):
        assert refused(out, **said) == "gateway.opener_places"
    in_the_way = (folder / "ca.pem").as_uri()
    assert refused(out, database="sqlite://", objects=f"{in_the_way}/") == "gateway.objects_unreachable"
    assert refused(tmp_path) == "gateway.not_here"
    assert refused(out, database="sqlite://", objects="nothing:///") == "gateway.objects_address"
    (out / "nik.key").write_text("no key")
    assert refused(out, database="sqlite://", objects="memory:///") == "gateway.folder_damaged"
    (out / "nik.key").unlink()
    assert refused(out, database="sqlite://", objects="memory:///") == "gateway.not_here"
    (out / "opener.json").write_text("[]")
    assert refused(out) == "gateway.folder_damaged"
    (folder / "opener.identity").chmod(0o644)
    assert refused(folder) == "vault.identity_readable"


def test_the_places_of_the_gateway_go_along_and_what_is_said_counts_more(folder: Path, tmp_path: Path) -> None:
    settings = json.loads((folder / "gateway.json").read_text())
    (folder / "gateway.json").write_text(json.dumps({**settings, "database": "sqlite:///a", "objects": "memory:///"}))
    take_out(folder, tmp_path / "apart")
    kept = json.loads((tmp_path / "apart" / "opener.json").read_text())
    where = {"database": "sqlite:///a", "objects": "memory:///"}
    assert kept == {**where, "penunggalan": "none", "office": "Dinas Uji"}


@pytest.mark.parametrize(("penunggalan", "source"), [("none", "Dinas Uji"), ("trial", "uji coba")])
def test_what_the_gateway_says_of_penunggalan_goes_along(
    folder: Path, tmp_path: Path, clock: HandClock, penunggalan: str, source: str
) -> None:
    settings = json.loads((folder / "gateway.json").read_text())
    (folder / "gateway.json").write_text(json.dumps({**settings, "penunggalan": penunggalan}))
    take_out(folder, tmp_path / "apart")
    (folder / "objects").mkdir(exist_ok=True)
    places = Places(f"sqlite:///{folder / 'gateway.sqlite3'}", (folder / "objects").as_uri())
    for home in (folder, tmp_path / "apart"):
        machine = machine_at(home, folder / "opener.identity", nobody, clock, places)
        assert machine.penunggalan.found_valid.source == source
        machine.engine.dispose()
