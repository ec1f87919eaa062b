from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from support.homes import CLOCK, Nobody, open_office, opened, record
from support.kept import NIK, biodata
from support.room import PETUGAS

from fieldkit.app.bootstrap.sample_quality import manifest_proof, open_record, verify_record
from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.errors import KnownError
from fieldkit.ports.vault import SignerRole, SigningKey
from fieldkit.vault import age, certificates
from fieldkit.vault.certificates import create_ca, issue_kit, issue_petugas, make_csr
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway import provision


@dataclass(frozen=True)
class Proofs:
    """Two delivered records of one kit, with everything that proves them."""

    folder: Path
    identity: Path
    records: tuple[str, str]
    kit_certificate: bytes

    def file(self, number: int, kind: str) -> Path:
        return self.folder / f"{self.records[number]}.{kind}"


@pytest.fixture(scope="module")
def proofs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proofs]:
    base = tmp_path_factory.mktemp("proofs")
    folder = base / "out"
    folder.mkdir()
    with open_office(base / "gateway") as office:
        home = office.kit(base / "kit", PETUGAS)
        with opened(home) as context:
            people = (biodata(), biodata("Budi", "3275014708790005"))
            records = tuple(record(context, who, number).record.record_id for number, who in enumerate(people, 1))
            context.delivery.send(Nobody(), Nobody())
            for entry in context.delivery.queue().entries:
                stem = entry.record.record_id
                (folder / f"{stem}.age").write_bytes((home.sealed / f"{stem}.age").read_bytes())
                proof = manifest_proof(entry.record.manifest_jws, context.kit_certificate)
                (folder / f"{stem}.manifest").write_text(proof)
                (folder / f"{stem}.receipt").write_text(entry.receipt_jws + "\n")
            certificate = context.kit_certificate
        gateway_context = provision.open_gateway(office.folder, CLOCK)
        gateway_context.engine.dispose()
        (folder / "ca.pem").write_text(certificates.certificates_to_pem(gateway_context.authority.certificate_der))
        (folder / "receipt.pub.pem").write_text(
            certificates.public_to_pem(gateway_context.configuration.receipt_public_key)
        )
        yield Proofs(folder, office.folder / provision.OPENER_IDENTITY, (records[0], records[1]), certificate)


def code_of(act: object, *arguments: object) -> str:
    with pytest.raises(KnownError) as caught:
        act(*arguments)  # type: ignore[operator]  # one of the two functions
    return caught.value.code


@pytest.mark.days
def test_a_record_opens_with_the_data_centers_identity(proofs: Proofs) -> None:
    found = open_record(proofs.file(0, "age"), proofs.identity, None)
    assert (found.record.record_id, found.record.nik) == (proofs.records[0], NIK)
    assert [signer.role for signer in found.seal.signers] == [SignerRole.KIT, SignerRole.PETUGAS]
    assert found.seal.content in found.cms


@pytest.mark.days
def test_a_folder_without_providers_is_not_taken_for_trust(proofs: Proofs, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert code_of(open_record, proofs.file(0, "age"), proofs.identity, None, folder) == "proof.no_providers"


def test_file_manifest_and_receipt_belong_together(proofs: Proofs) -> None:
    file, manifest, receipt = (proofs.file(0, kind) for kind in ("age", "manifest", "receipt"))
    proof = verify_record(file, manifest, receipt, None)
    assert str(proof.manifest.record_id) == proofs.records[0]
    assert proof.receipt is not None
    assert verify_record(file, manifest, None, proofs.folder).receipt is None


def test_a_flipped_bit_anywhere_is_refused(proofs: Proofs, tmp_path: Path) -> None:
    sealed = proofs.file(0, "age").read_bytes()
    damaged = tmp_path / "damaged.age"
    places = [0, 30, 200, 1500, 2600, len(sealed) // 2, len(sealed) - 20, len(sealed) - 1]
    for place in places:
        damaged.write_bytes(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        assert code_of(open_record, damaged, proofs.identity, proofs.folder / "ca.pem").startswith("vault.age_")
        assert code_of(verify_record, damaged, proofs.file(0, "manifest"), None, proofs.folder) == "proof.other_file"


@pytest.mark.parametrize("kept", [0, 1, 100, -1])
def test_a_cut_record_is_refused(proofs: Proofs, tmp_path: Path, kept: int) -> None:
    cut = tmp_path / "cut.age"
    cut.write_bytes(proofs.file(0, "age").read_bytes()[:kept])
    assert code_of(open_record, cut, proofs.identity, proofs.folder / "ca.pem").startswith("vault.age_")
    assert code_of(verify_record, cut, proofs.file(0, "manifest"), None, proofs.folder) == "proof.other_file"


def test_the_manifest_of_another_record_is_refused(proofs: Proofs) -> None:
    assert code_of(verify_record, proofs.file(0, "age"), proofs.file(1, "manifest"), None, None) == "proof.other_file"


def test_the_receipt_of_another_record_is_refused(proofs: Proofs) -> None:
    assert (
        code_of(verify_record, proofs.file(0, "age"), proofs.file(0, "manifest"), proofs.file(1, "receipt"), None)
        == "proof.other_receipt"
    )


def test_a_manifest_is_no_receipt(proofs: Proofs, tmp_path: Path) -> None:
    token = proofs.file(0, "manifest").read_text().splitlines()[0]
    fake = tmp_path / "fake.receipt"
    fake.write_text(token)
    code = code_of(verify_record, proofs.file(0, "age"), proofs.file(0, "manifest"), fake, proofs.folder)
    assert code in ("vault.jws_kind", "vault.jws_signature")


def test_a_changed_manifest_is_refused(proofs: Proofs, tmp_path: Path) -> None:
    text = proofs.file(0, "manifest").read_text()
    changed = tmp_path / "changed.manifest"
    token, _, certificate = text.partition("\n")
    head, body, signature = token.split(".")
    changed.write_text(f"{head}.{body[:-4]}AAAA.{signature}\n{certificate}")
    code = code_of(verify_record, proofs.file(0, "age"), changed, None, proofs.folder)
    assert code in ("vault.jws_signature", "vault.jws_malformed")


@pytest.mark.parametrize(
    "tail", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_manifest_without_the_kits_certificate_is_refused(proofs: Proofs, tmp_path: Path, tail: str) -> None:
    bare = tmp_path / "bare.manifest"
    bare.write_text(proofs.file(0, "manifest").read_text().splitlines()[0] + "\n" + tail)
    code = code_of(verify_record, proofs.file(0, "age"), bare, None, proofs.folder)
    assert code in ("proof.no_certificate", "vault.pem_unreadable", "vault.certificate")


def forged(tmp_path: Path, payload: dict[str, object]) -> Path:
    """Return a manifest that a stranger signed with a certificate of a stranger's CA."""
    now = CLOCK.now() - timedelta(hours=1)
    private = certificates.new_private_key()
    certificate = issue_kit(create_ca("Stranger", now), make_csr(private), "K01", now)
    file = tmp_path / "forged.manifest"
    file.write_text(manifest_proof(JwsSigner(private, "K01").sign(payload, MANIFEST_TYP), certificate))
    return file


def test_a_manifest_of_a_strangers_kit_is_refused(proofs: Proofs, tmp_path: Path) -> None:
    content = proofs.file(0, "age").read_bytes()
    payload: dict[str, object] = {
        "record_id": proofs.records[0],
        "kit": "K01",
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "sealed_at": CLOCK.now().isoformat(),
        "activity_id": "act-1",
        "chain": "c",
        "sequence": 1,
        "previous": "",
    }
    code = code_of(verify_record, proofs.file(0, "age"), forged(tmp_path, payload), None, proofs.folder)
    assert code.startswith("vault.cms_")


def test_a_petugas_signs_no_manifest_in_the_name_of_a_kit(proofs: Proofs, tmp_path: Path) -> None:
    content, now = proofs.file(0, "age").read_bytes(), CLOCK.now()
    folder = proofs.identity.parent
    authority = SigningKey(
        certificates.certificates_from_pem((folder / "ca.pem").read_text())[0],
        certificates.private_from_pem((folder / "ca.key.pem").read_text()),
    )
    private = certificates.new_private_key()
    hour_ago = now - timedelta(hours=1)
    payload: dict[str, object] = {
        "record_id": proofs.records[0],
        "kit": "K01",
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "sealed_at": now.isoformat(),
        "sequence": 1,
    }
    token = JwsSigner(private, "K01").sign(payload, MANIFEST_TYP)
    file = tmp_path / "petugas.manifest"
    petugas = issue_petugas(authority, make_csr(private), "K01", "K01", "petugas_perekaman", hour_ago)
    file.write_text(manifest_proof(token, petugas))
    assert code_of(verify_record, proofs.file(0, "age"), file, None, proofs.folder) == "record.other_kit"
    file.write_text(manifest_proof(token, issue_kit(authority, make_csr(private), "K01", hour_ago)))
    assert verify_record(proofs.file(0, "age"), file, None, proofs.folder).manifest.kit == "K01"
    # Only the content tells that this manifest was made up.
    code = code_of(verify_record, proofs.file(0, "age"), file, None, proofs.folder, proofs.identity)
    assert code == "proof.other_content"


def test_with_an_identity_the_content_is_checked_too(proofs: Proofs) -> None:
    proof = verify_record(proofs.file(0, "age"), proofs.file(0, "manifest"), None, None, proofs.identity)
    assert str(proof.manifest.record_id) == proofs.records[0]


def test_a_signed_manifest_that_says_nothing_is_refused(proofs: Proofs, tmp_path: Path) -> None:
    file = forged(tmp_path, {"record_id": "x"})
    assert code_of(verify_record, proofs.file(0, "age"), file, None, proofs.folder) == "proof.malformed"


def test_another_identity_does_not_open(proofs: Proofs, tmp_path: Path) -> None:
    other = tmp_path / "other.identity"
    other.write_text(age.generate_identity().secret_text)
    assert code_of(open_record, proofs.file(0, "age"), other, proofs.folder / "ca.pem").startswith("vault.age_")


@pytest.mark.parametrize("content", ["", "# only a comment\n", "AGE-SECRET-KEY-PQ-1NONSENSE\n", "\xff\n"])
def test_what_is_no_identity_is_named(proofs: Proofs, tmp_path: Path, content: str) -> None:
    file = tmp_path / "identity"
    file.write_text(content, "latin-1")
    assert code_of(open_record, proofs.file(0, "age"), file, proofs.folder / "ca.pem").startswith("vault.")


def test_without_trust_nothing_is_believed(proofs: Proofs, tmp_path: Path) -> None:
    for kind in ("age", "manifest", "receipt"):
        (tmp_path / f"r.{kind}").write_bytes(proofs.file(0, kind).read_bytes())
    (tmp_path / "identity").write_bytes(proofs.identity.read_bytes())
    sealed, manifest, receipt = (tmp_path / f"r.{kind}" for kind in ("age", "manifest", "receipt"))
    assert code_of(open_record, sealed, tmp_path / "identity", None) == "proof.no_trust"
    assert code_of(verify_record, sealed, manifest, None, None) == "proof.no_trust"
    (tmp_path / "ca.pem").write_bytes((proofs.folder / "ca.pem").read_bytes())
    assert verify_record(sealed, manifest, None, None).receipt is None
    assert code_of(verify_record, sealed, manifest, receipt, None) == "proof.no_trust"


def test_trust_from_a_folder_where_everybody_writes_is_not_taken(proofs: Proofs, tmp_path: Path) -> None:
    common, own = tmp_path / "common", tmp_path / "common" / "own"
    own.mkdir(parents=True)
    common.chmod(0o1777)
    (common / "ca.pem").write_bytes((proofs.folder / "ca.pem").read_bytes())
    (own / "r.manifest").write_bytes(proofs.file(0, "manifest").read_bytes())
    (own / "r.age").write_bytes(proofs.file(0, "age").read_bytes())
    assert code_of(verify_record, own / "r.age", own / "r.manifest", None, None) == "proof.no_trust"
    common.chmod(0o700)
    assert verify_record(own / "r.age", own / "r.manifest", None, None).manifest.kit


@pytest.mark.parametrize("missing", ["file", "manifest", "receipt"])
def test_a_file_that_is_not_there_is_named(proofs: Proofs, tmp_path: Path, missing: str) -> None:
    nowhere = tmp_path / "nowhere"
    paths = {
        "file": proofs.file(0, "age"),
        "manifest": proofs.file(0, "manifest"),
        "receipt": proofs.file(0, "receipt"),
    }
    paths[missing] = nowhere
    assert code_of(verify_record, *paths.values(), proofs.folder) == "cli.unreadable"
    assert code_of(open_record, nowhere, proofs.identity, None) == "cli.unreadable"
