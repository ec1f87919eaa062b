from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.commands import fieldkit, refused
from support.homes import CLOCK, PASSPHRASE, Nobody, Office, open_office, opened, record
from support.kept import NIK
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.sample_quality import manifest_proof
from fieldkit.vault import certificates
from sync.gateway import provision

POLICY = Path(__file__).parents[5] / "assets" / "policy" / "default.yaml"


@dataclass(frozen=True)
class Delivered:
    """A record that was delivered, its proofs, and the kit that made it."""

    record_id: str
    sealed: Path
    manifest: Path
    receipt: Path
    identity: Path
    home: Home


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    base = tmp_path_factory.mktemp("delivered")
    with open_office(base / "gateway") as office:
        home = office.kit(base / "kit", PETUGAS)
        with opened(home) as context:
            record(context)
            context.delivery.send(Nobody(), Nobody())
            (entry,) = context.delivery.queue().entries
            proof = manifest_proof(entry.record.manifest_jws, context.kit_certificate)
    sealed = provision.sealed_path(office.folder, entry.record.sha256)
    manifest, receipt = base / "r.manifest", base / "r.receipt"
    manifest.write_text(proof)
    receipt.write_text(entry.receipt_jws)
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    gateway_context.engine.dispose()
    (base / "receipt.pub.pem").write_text(certificates.public_to_pem(gateway_context.configuration.receipt_public_key))
    (base / "ca.pem").write_text(certificates.certificates_to_pem(gateway_context.authority.certificate_der))
    identity = office.folder / provision.OPENER_IDENTITY
    return Delivered(entry.record.record_id, sealed, manifest, receipt, identity, home)


@pytest.mark.days
def test_a_record_is_opened(delivered: Delivered, tmp_path: Path) -> None:
    out = tmp_path / "content"
    words = ("record", "open", delivered.sealed, "--identity", delivered.identity)
    said = fieldkit(*words, "--out", out, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json["record_id"] == delivered.record_id
    assert [(signer["role"], signer["id"]) for signer in said.json["signers"]] == [
        ("kit", said.json["kit"]),
        ("petugas", PETUGAS.user_id),
    ]
    assert said.json["enrollment"]["biographicData"]["nik"] == NIK
    assert {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()} == {
        *said.json["entries"],
        "record.cms",
    }
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*")} == {0o600, 0o700}
    assert refused(*words, "--out", out) == (2, "cli.exists")
    assert fieldkit(*words, "--out", out, "--overwrite").code == 0
    assert (said.json["note"], said.json["device_issuers_known"]) == ("", False)
    told = fieldkit(*words, lang="en")
    assert "--trust" in told.out
    assert delivered.record_id in told.out
    assert PETUGAS.name in told.out


@pytest.mark.days
def test_a_record_is_verified_without_any_secret(delivered: Delivered) -> None:
    words = ("record", "verify", delivered.sealed, "--manifest", delivered.manifest)
    said = fieldkit(*words, "--receipt", delivered.receipt, "--json")
    assert (said.code, said.json["ok"], said.json["record_id"]) == (0, True, delivered.record_id)
    assert said.json["received_at"]
    assert fieldkit(*words, "--json").json["received_at"] is None
    for lang in ("id", "en"):
        for more in ((), ("--receipt", delivered.receipt)):
            assert delivered.record_id in fieldkit(*words, *more, lang=lang).out


def test_a_record_is_held_against_the_policy_that_is_named(delivered: Delivered, tmp_path: Path) -> None:
    shipped, strict, broken = POLICY.read_text("utf-8"), tmp_path / "strict.yaml", tmp_path / "broken.yaml"
    strict.write_text(shipped.replace("fingers: {good: 60, enough: 40}", "fingers: {good: 100, enough: 100}"))
    broken.write_text("fingers: {god: 1}\n")
    opening = ("record", "open", delivered.sealed, "--identity", delivered.identity, "--policy")
    checking = ("record", "verify", delivered.sealed, "--manifest", delivered.manifest)
    with_content = (*checking, "--identity", delivered.identity, "--policy")
    for words in (opening, with_content):
        assert fieldkit(*words, POLICY, "--json").json["note"] == ""
        assert fieldkit(*words, strict, "--json").json["note"] == "record.lead_wanted"
        assert refused(*words, broken) == (2, "rules.policy")
    assert refused(*checking, "--policy", strict) == (2, "proof.policy_unused")


def test_a_changed_record_is_refused(delivered: Delivered, tmp_path: Path) -> None:
    content = bytearray(delivered.sealed.read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "changed.age"
    changed.write_bytes(content)
    opening = ("record", "open", changed, "--identity", delivered.identity)
    code, problem = refused(*opening)
    assert code != 0
    assert problem.startswith("vault.age_")
    assert not (tmp_path / "content").exists()
    code, problem = refused("record", "verify", changed, "--manifest", delivered.manifest)
    assert (code != 0, problem) == (True, "proof.other_file")


def test_a_file_that_is_not_there_is_named(delivered: Delivered, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert refused("record", "open", nowhere, "--identity", delivered.identity) == (2, "cli.unreadable")
    assert refused("record", "open", delivered.sealed, "--identity", nowhere) == (2, "cli.unreadable")
    assert refused("record", "verify", delivered.sealed, "--manifest", nowhere) == (2, "cli.unreadable")


def test_a_place_that_cannot_be_written_is_named(delivered: Delivered, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    words = ("record", "open", delivered.sealed, "--identity", delivered.identity, "--out", tmp_path / "file")
    assert refused(*words) == (3, "stick.failed")


def test_the_log_is_verified(delivered: Delivered, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE)
    words = ("audit", "verify", "--user", PETUGAS.user_id, "--passphrase-file", file)
    said = fieldkit(*words, "--json", home=delivered.home.path)
    assert (said.code, said.json["ok"], said.json["fault"]) == (0, True, None)
    assert fieldkit(*words, home=delivered.home.path, lang="en").out.startswith("The event log holds: ")


@pytest.mark.days
def test_a_changed_row_is_named(delivered: Delivered, tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE)
    with opened(delivered.home) as context, context.audit._store.write() as unit:
        connection = unit.connection  # type: ignore[attr-defined]  # as a thief who has the key
        triggers = connection.exec_driver_sql(
            "SELECT name FROM sqlite_schema WHERE type='trigger' AND tbl_name='events'"
        )
        for (name,) in triggers.fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE events SET actor = 'nobody' WHERE sequence = 3")
    words = ("audit", "verify", "--user", PETUGAS.user_id, "--passphrase-file", file)
    assert refused(*words, home=delivered.home.path) == (3, "audit.changed_row")
    said = fieldkit(*words, "--json", home=delivered.home.path, lang="en")
    assert (said.code, said.json["fault"]["sequence"]) == (3, 3)
    assert "Row 3" in said.err


@pytest.mark.days
def test_a_held_record_is_set_aside_and_taken_back(office: Office, tmp_path: Path, passphrase_file: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        record(context)
        (entry,) = context.delivery.queue().entries
        context.delivery._outbox.quarantine(entry.record.record_id, "sync.too_large")
    record_id = entry.record.record_id
    who = ("--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)

    assert refused("record", "aside", record_id, "--reason", " ", *who, home=home.path) == (2, "delivery.reason_needed")
    listed = fieldkit("queue", *who, home=home.path, lang="en")
    assert f"Held back: {record_id}. This record is larger than" in listed.out
    said = fieldkit("record", "aside", record_id, "--reason", "sudah direkam", *who, "--json", home=home.path)
    assert said.json == {"record_id": record_id, "state": "set_aside", "reason": "sudah direkam"}
    assert "sudah direkam" in fieldkit("queue", *who, home=home.path).out
    (queued,) = fieldkit("queue", *who, "--json", home=home.path).json["records"]
    assert (queued["state"], queued["set_aside_because"]) == ("set_aside", "sudah direkam")

    again = fieldkit("record", "again", record_id, *who, home=home.path, lang="en")
    assert (again.code, record_id in again.out) == (0, True)
    assert fieldkit("queue", *who, "--json", home=home.path).json["counts"] == {"queued": 1}
    nobody = refused("record", "vouch", record_id, *who, home=home.path)
    assert nobody == (2, "role.not_yours")  # a petugas answers for nothing
    assert refused("record", "again", "nobody", *who, home=home.path) == (3, "store.not_found")
    assert refused("record", "aside", record_id, "--reason", "x", *who, home=home.path) == (2, "delivery.not_held")


@pytest.mark.days
def test_a_held_record_goes_over_a_stick_to_another_laptop(
    office: Office, tmp_path: Path, passphrase_file: Path
) -> None:
    home, other = office.kit(tmp_path / "kit", PETUGAS), office.kit(tmp_path / "other", PETUGAS)
    with opened(home) as context:
        record_id = record(context).record.record_id
        context.delivery._outbox.quarantine(record_id, "sync.too_large")
    who = ("--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)
    stick = tmp_path / "a stick"
    stick.mkdir()

    assert refused("record", "carry", "nobody", "--to", stick, *who, home=home.path) == (3, "store.not_found")
    said = fieldkit("record", "carry", record_id, "--to", stick, *who, home=home.path, lang="en")
    assert (said.code, record_id in said.out, f"--from '{stick}" in said.out) == (0, True, True)
    folder = fieldkit("record", "carry", record_id, "--to", stick, *who, "--json", home=home.path).json["folder"]
    assert fieldkit("sync", "--from", folder, *who, "--json", home=other.path).json["carried"] == [record_id]
    run = fieldkit("sync", "--once", *who, "--json", home=home.path)
    assert (run.json["acknowledged"], run.json["notes"]) == ([record_id], ["sync.released"])
