from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.homes import CLOCK, Nobody, open_office, opened, record
from support.kept import NIK, biodata
from support.room import PETUGAS

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.synthetic import closed as draw_closed
from fieldkit.app.bootstrap.sample_quality import judge_file, manifest_proof, open_record, verify_record
from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.recording.biodata import Preparation
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.formats.face import portrait_record
from fieldkit.formats.finger import print_record
from fieldkit.formats.images import encode_png
from fieldkit.formats.iris import iris_record
from fieldkit.ports.vault import SignerRole, SigningKey
from fieldkit.vault import age, certificates
from fieldkit.vault.certificates import create_ca, issue_kit, issue_petugas, make_csr
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway import provision

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
ANY = QualityScore(1, "uji")


@pytest.fixture(scope="module")
def person() -> SyntheticSubject:
    return SyntheticSubject(5)


@pytest.fixture(autouse=True)
def without_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def kept(folder: Path, content: bytes) -> Path:
    file = folder / "sample"
    file.write_bytes(content)
    return file


def test_a_picture_and_a_record_of_a_finger_are_one(person: SyntheticSubject, tmp_path: Path) -> None:
    pixels = person.finger(Position.RIGHT_INDEX)
    picture = judge_file(kept(tmp_path, encode_png(pixels, 500)), Modality.FINGER, 500)
    record = print_record(pixels, Position.RIGHT_INDEX, ANY, AT, 500)
    assert judge_file(kept(tmp_path, record), Modality.FINGER, 250) == picture  # a record states its own resolution
    assert picture.score.algorithm == "iso29794-4-estimate"
    assert len(picture.measures) == 68 + 4  # and what our own extractor counts
    assert picture.measures["Minutiae_Count"] > 10


def test_drawn_rings_are_no_finger_whatever_their_measures(tmp_path: Path) -> None:
    y, x = np.mgrid[0:400, 0:300].astype(float)
    rings = 128 + 70 * np.sin(2 * np.pi * np.hypot(x - 150, 0.65 * (y - 200)) / 9)
    noisy = np.clip(rings + 25 * np.random.default_rng(7).standard_normal(x.shape), 0, 255).astype(np.uint8)
    found = judge_file(kept(tmp_path, encode_png(noisy, 500)), Modality.FINGER, 500)
    assert (found.score.value, found.advice) == (0, ("finger.too_regular",))
    assert found.measures["Minutiae_Count"] < 5


@pytest.mark.days
def test_nists_program_is_used_and_named(
    person: SyntheticSubject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.quality.finger_estimate.find_spec", find_spec)
    picture = encode_png(person.finger(Position.RIGHT_INDEX, 0, Condition.DRY), 500)
    found = judge_file(kept(tmp_path, picture), Modality.FINGER, 500)
    assert (found.score.algorithm, found.score.version) == ("NFIQ2", "2.3")
    assert bool(found.advice) is (found.score.value < 60)
    monkeypatch.setattr("fieldkit.quality.finger_estimate.Nfiq2.scores", lambda _self, prints: [None] * len(prints))
    found = judge_file(tmp_path / "sample", Modality.FINGER, 500)
    assert found.score.algorithm == "iso29794-4-estimate"


@pytest.mark.days
def test_a_portrait_and_an_eye(person: SyntheticSubject, tmp_path: Path) -> None:
    portrait = person.portrait()
    png = bytes(cv2.imencode(".png", portrait[:, :, ::-1])[1])
    seen = judge_file(kept(tmp_path, png), Modality.FACE, 500)
    assert seen.score.value > 60
    assert seen.advice == ()
    assert (seen.methods["one_face"], seen.methods["sharpness"], seen.methods["level"]) == (
        *("landmarks", "pixels", "landmarks"),
    )
    assert set(seen.answers.values()) == {"good"}
    assert abs(seen.measures["pitch_deg"]) < 10
    record = portrait_record(portrait, ANY, AT, Preparation())
    assert judge_file(kept(tmp_path, record), Modality.FACE, 500).score.value == pytest.approx(seen.score.value, abs=5)
    eye = person.iris(Position.EYE_RIGHT)
    seen = judge_file(kept(tmp_path, encode_png(eye, 500)), Modality.IRIS, 500)
    assert (seen.score.value > 60, "sharpness" in seen.measures) == (True, True)
    record = iris_record(eye, Position.EYE_RIGHT, ANY, AT)
    assert judge_file(kept(tmp_path, record), Modality.IRIS, 500).score == seen.score


def test_what_shows_no_open_eye_is_judged_so(tmp_path: Path) -> None:
    blank = encode_png(np.full((300, 300), 200, np.uint8), 500)
    shut = encode_png(draw_closed(np.random.default_rng(3)), 500)
    for picture in (blank, shut):
        found = judge_file(kept(tmp_path, picture), Modality.IRIS, 500)
        assert (found.score, found.advice) == (QualityScore(0, "fieldkit-iris", "2"), ("iris.no_eye",))


def test_what_cannot_be_judged_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mutu\.unreadable"):
        judge_file(tmp_path / "gone", Modality.FINGER, 500)
    with pytest.raises(InputError, match=r"mutu\.unreadable"):
        judge_file(kept(tmp_path, encode_png(np.zeros((1, 40), np.uint8), 500)), Modality.FINGER, 500)
    with pytest.raises(InputError):
        judge_file(kept(tmp_path, b"FIR\0damaged"), Modality.FINGER, 500)


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
