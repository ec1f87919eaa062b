from __future__ import annotations

import json
import os
import re
import signal
import stat
import threading
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, open_plainly, receive
from support.lenient import be_lenient
from support.records import small_draft

from fieldkit.app.bootstrap.catalogue import Catalogue, field_catalogue, strict_catalogue
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.formats.container import write_container
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.certificates import Secret
from fieldkit.vault.cms import RecordSealer
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import DecidedElsewhere, Ledger, NikRule, Penunggalan
from sync.gateway.opener import Circumstances, OpenedRecord, Opener, Outcome
from sync.gateway.opening.process import machine_at, open_always, open_waiting, reason_in_words, take_out
from sync.gateway.provision import Places
from sync.gateway.tables import records
from sync.protocol.messages import Announcement


def arrive(gateway_context: GatewayContext, kit: Kit) -> tuple[str, str]:
    record_id, manifest, sealed, sha256 = kit.record(size=200)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id, sha256


def verdicts(gateway_context: GatewayContext) -> list[str]:
    with gateway_context.engine.begin() as connection:
        return sorted(connection.scalars(sa.select(records.c.verdict)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_after_the_record_under_way(
    gateway_context: GatewayContext, kit: Kit, number: signal.Signals
) -> None:
    for _ in range(3):
        arrive(gateway_context, kit)
    before = signal.getsignal(number)
    opened = []

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        opened.append(sealed)
        if len(opened) == 2:
            os.kill(os.getpid(), number)
        return open_plainly(sealed, known)

    open_always(Opener(gateway_context, open_sealed, NikRule()), lambda: None)
    assert verdicts(gateway_context) == ["", "valid", "valid"]
    assert signal.getsignal(number) is before


def test_it_waits_for_what_comes_later(gateway_context: GatewayContext, kit: Kit) -> None:
    def come() -> None:
        arrive(gateway_context, kit)

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        os.kill(os.getpid(), signal.SIGTERM)
        return open_plainly(sealed, known)

    later = threading.Timer(0.05, come)
    open_always(Opener(gateway_context, open_sealed, NikRule()), later.start, every_s=0.01)
    later.join()
    assert verdicts(gateway_context) == ["valid"]


def test_that_it_waits_for_the_database_is_logged_once(
    gateway_context: GatewayContext, kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def away_at_first(sealed: bytes, known: Circumstances) -> OpenedRecord:
        tries.append(sealed)
        if len(tries) < 4:
            raise sa.exc.OperationalError("", {}, Exception())
        os.kill(os.getpid(), signal.SIGTERM)
        return open_plainly(sealed, known)

    arrive(gateway_context, kit)
    open_always(Opener(gateway_context, away_at_first, NikRule()), lambda: None, every_s=0.001)
    assert verdicts(gateway_context) == ["valid"]
    assert caplog.messages == ["the opener waits: OperationalError"]


@pytest.mark.allow_logs
def test_what_became_of_everything_that_waited_is_counted(
    gateway_context: GatewayContext, kit: Kit, folder: Path
) -> None:
    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        opened = open_plainly(sealed, known)
        match opened.link.sequence:
            case 2:
                raise KnownError("vault.age_tampered")
            case 3:
                raise ZeroDivisionError
        return opened

    made = [arrive(gateway_context, kit) for _ in range(5)]
    objects = folder / "objects"
    with gateway_context.engine.begin() as connection:
        keys = dict(connection.execute(sa.select(records.c.record_id, records.c.key)).all())
    (objects / keys[made[3][0]]).unlink()
    opener = Opener(gateway_context, open_sealed, NikRule())
    opened, is_all_read = open_waiting(opener, lambda: None)
    expected = {Outcome.VALID: 2, Outcome.INVALID: 1, Outcome.SET_ASIDE: 1, Outcome.LOST: 1}
    assert (opened, is_all_read) == (expected, True)


@pytest.mark.allow_logs
def test_an_object_that_cannot_be_read_is_no_end_but_said(
    gateway_context: GatewayContext, kit: Kit, folder: Path
) -> None:
    arrive(gateway_context, kit)
    (folder / "objects" / "sealed").rename(folder / "away")
    opened, is_all_read = open_waiting(Opener(gateway_context, open_plainly, NikRule()), lambda: None)
    assert (opened, is_all_read) == ({}, False)


def test_a_database_that_goes_away_is_said(gateway_context: GatewayContext, kit: Kit) -> None:
    def away(*_: object) -> OpenedRecord:
        raise sa.exc.OperationalError("", {}, Exception())

    arrive(gateway_context, kit)
    with pytest.raises(KnownError) as caught:
        open_waiting(Opener(gateway_context, away, NikRule()), lambda: None)
    assert caught.value.code == "gateway.database_away"


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


PROJECT = Path(__file__).parents[5]
# Whatever an opener may say of a record, in `record.` codes that are put together too.
PLACES = (
    "fieldkit/formats/record_check.py",
    "fieldkit/formats/record_samples.py",
    "fieldkit/formats/record_events.py",
    "fieldkit/formats/container.py",
    "fieldkit/formats/signature.py",
    "fieldkit/formats/stated.py",
    "fieldkit/vault/age.py",
    "fieldkit/vault/cms.py",
    "sync/gateway/seals.py",
    "sync/gateway/opener.py",
)
CODE = re.compile(r'"((?:record|vault|gateway|time)\.[a-z_]+)"|"(device_[a-z]+)"')


def codes() -> set[str]:
    found = set()
    for place in PLACES:
        for whole, end in CODE.findall((PROJECT / place).read_text("utf-8")):
            found.add(whole or f"record.{end}")
    return found


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_refusal_has_a_sentence(language: str) -> None:
    catalogue: Catalogue = strict_catalogue(language)
    assert len(codes()) > 50
    for code in sorted(codes()):
        said = reason_in_words(catalogue, code)
        assert said.endswith(f" [{code}]"), code
        assert "{" not in said


@pytest.mark.parametrize("catalogue", [strict_catalogue("en"), field_catalogue("en")])
def test_what_the_code_does_not_tell_is_left_open(catalogue: Catalogue) -> None:
    said = reason_in_words(catalogue, "record.sample_missing")
    assert said == "The record is not complete: … neither recorded nor excepted. [record.sample_missing]"


def test_a_code_of_another_system_stays_as_it_is() -> None:
    for catalogue in (strict_catalogue("en"), field_catalogue("en")):
        assert reason_in_words(catalogue, "siak.whatever") == "siak.whatever"
        assert reason_in_words(catalogue, "") == ""
