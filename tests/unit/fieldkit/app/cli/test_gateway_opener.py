from __future__ import annotations

import stat
import uuid
from pathlib import Path

import pytest
from support.clock import HandClock, true_clock
from support.commands import fieldkit, refused
from support.gateway import Kit, enrolled_kit, receive
from support.lenient import be_lenient
from support.records import small_draft, without_mark
from support.tokens import Token

from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.formats.container import write_container
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.cms import RecordSealer
from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.protocol.messages import Announcement

PASSPHRASE = "beras merah pagi di Jimbe"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gateway with one good record and one that lacks an eye, whose opener's key lies elsewhere."""
    clock = true_clock()
    made = tmp_path / "gateway"
    provision.init(made, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    gateway_context = provision.open_gateway(made, clock)
    be_lenient(gateway_context)
    kit = enrolled_kit(made, gateway_context, clock, "kit-01")
    for sequence in (1, 2):
        draft = small_draft(str(uuid.uuid4()), kit.name, sequence=sequence, at=clock.now())
        arrive(gateway_context, kit, draft if sequence == 1 else without_mark(draft, Position.EYE_LEFT), clock)
    gateway_context.engine.dispose()
    (made / "opener.identity").rename(tmp_path / "key")
    return made


def arrive(gateway_context: GatewayContext, kit: Kit, draft: RecordDraft, clock: HandClock) -> None:
    recipients = kit.answer.configuration.age_recipients
    sealer = RecordSealer(SigningKey(kit.answer.kit_certificate, kit.key), kit.petugas, recipients)
    sealed = sealer.seal(write_container(draft), clock.now()).data
    record_id, manifest, _, _ = kit.record(sealed=sealed, record_id=draft.record_id)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)


def says(folder: Path, line: str) -> Path:
    file = folder / "secret"
    file.write_text(line + "\n")
    return file


def test_what_waits_is_opened_once_with_the_key_of_a_passphrase(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates.close_by_passphrase, "__defaults__", (4,))  # its cost is tested elsewhere
    locked, secret = tmp_path / "locked", says(tmp_path, PASSPHRASE)
    made = fieldkit("gateway", "opener-key", "--identity", tmp_path / "key", "--out", locked, "--secret-file", secret)
    assert made.code == 0
    assert stat.S_IMODE(locked.stat().st_mode) == 0o600
    (tmp_path / "key").unlink()
    command = ("gateway", "open", "--dir", folder, "--identity", locked, "--once")
    wrong = says(folder, "beras merah sore")
    assert refused(*command, "--secret-file", wrong) == (2, "vault.identity_passphrase")
    done = fieldkit(*command, "--secret-file", secret, "--json")
    assert (done.code, done.json) == (0, {"valid": 1, "invalid": 1, "set_aside": 0, "lost": 0})
    assert fieldkit(*command, "--secret-file", secret).out != ""


def test_a_token_holds_the_key_of_the_opener_s_key(folder: Path, tmp_path: Path, token: Token) -> None:
    locked, pin = tmp_path / "locked", says(tmp_path, token.pin)
    command = ("gateway", "opener-key", "--identity", tmp_path / "key", "--out", locked, "--token", str(token.key))
    assert fieldkit(*command, "--secret-file", pin).code == 0
    assert refused(*command, "--secret-file", pin) == (2, "gateway.out_taken")
    command = ("gateway", "open", "--dir", folder, "--identity", locked, "--once", "--trial")
    assert refused(*command, "--secret-file", says(folder, "0")) == (3, "vault.token_pin")
    assert fieldkit(*command, "--secret-file", pin, "--json").json["valid"] == 1


@pytest.mark.allow_logs
@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_lost_record_ends_with_a_sentence(folder: Path, tmp_path: Path, lang: str) -> None:
    for path in (folder / "objects" / "sealed").rglob("*"):
        if path.is_file():
            path.unlink()
    said = fieldkit("gateway", "open", "--dir", folder, "--identity", tmp_path / "key", "--once", lang=lang)
    assert (said.code, said.problem) == (3, "gateway.opening_unfinished")
    assert "2" in said.out


def test_a_kit_for_a_machine_is_made_and_wants_to_know_where_the_rows_are(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "apart"
    assert fieldkit("gateway", "opener-kit", "--dir", folder, "--out", out).code == 0
    command = ("gateway", "open", "--dir", out, "--identity", tmp_path / "key", "--once")
    assert refused(*command) == (2, "gateway.opener_places")
    places = ("--database-url", f"sqlite:///{folder / 'gateway.sqlite3'}", "--objects", (folder / "objects").as_uri())
    assert fieldkit(*command, *places, "--json").json["valid"] == 1
    assert refused(*command, "--database-url", "postgresql+psycopg://a:b@c/d") == (2, "gateway.password_in_command")


def test_a_key_that_others_may_read_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "key").chmod(0o640)
    for command in (("open", "--dir", folder, "--once"), ("opener-key", "--out", tmp_path / "x")):
        assert refused("gateway", *command, "--identity", tmp_path / "key") == (2, "vault.identity_readable")
