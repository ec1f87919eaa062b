"""How good a picture or a sample record is, by what this program has for its modality."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.errors import InputError, VaultError, reason_of
from fieldkit.domain.recording.capture import QualityScore
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.record_check import check_record, demand_kit
from fieldkit.formats.rules import load_policy
from fieldkit.media.place import Place
from fieldkit.ports.vault import OpenedSeal
from fieldkit.vault import certificates as keys
from fieldkit.vault.age import decrypt, parse_identities
from fieldkit.vault.bundles import manifest_proof as manifest_proof
from fieldkit.vault.cms import SealOpener, verify_signer
from fieldkit.vault.device_trust import JwsVerifier, SealedProofs
from sync.protocol.messages import RECEIPT_TYP, Manifest, Receipt

# Open a sealed record, verify what came with it, and carry proofs out of the kit.

_ONE_ACT = timedelta(minutes=1)  # signing times hold whole seconds
_MOST_PROOF_BYTES = 512 * 1024 * 1024  # of a sealed record: hundreds of times what one has
CA_FILE, RECEIPT_KEY_FILE = "ca.pem", "receipt.pub.pem"
_Statement = TypeVar("_Statement", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A sealed file that was opened: the CMS as it was encrypted, the seal with its signers, the content."""

    cms: bytes
    seal: OpenedSeal
    record: OpenedRecord
    note: str  # "", or the code of what is doubtful
    are_issuers_known: bool  # whether the issuers of its devices were pinned


def open_record(
    file: Path, identity: Path, ca: Path | None, trust: Path | None = None, policy: Path | None = None
) -> OpenedFile:
    """Open a sealed file and check all that is in it.

    The CA is looked for beside the identity and the file when it is not named; `trust` holds the certificates of
    device providers, `policy` is that of the dinas, against which the record is held. Raise `InputError`, `VaultError`.
    """
    rules = load_policy(policy) if policy else None
    sealed = _bytes(file)
    identities = parse_identities(_bytes(identity).decode("utf-8", "replace"))
    anchor = ca or _beside(CA_FILE, identity, file)
    authorities = keys.certificates_from_pem(_bytes(anchor).decode("ascii", "replace"))
    opened = SealOpener(identities, authorities).open(sealed)
    record, devices = read_container(opened.content), SealedProofs.from_path(trust) if trust else SealedProofs()
    if trust is not None and not devices.are_pinned:
        raise InputError("proof.no_providers", folder=str(trust))  # who names a folder wants the issuers checked
    note = check_record(record, opened, devices, rules)
    return OpenedFile(decrypt(sealed, identities), opened, record, note, devices.are_pinned)


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """A sealed file that is the one its manifest names; `receipt` is None when none was shown.

    `note` says what is doubtful in a content that was checked.
    """

    manifest: Manifest
    receipt: Receipt | None
    note: str = ""


def verify_record(
    file: Path,
    manifest: Path,
    receipt: Path | None,
    trust: Path | None,
    identity: Path | None = None,
    policy: Path | None = None,
) -> VerifiedProof:
    """Verify that a file is what its manifest, and the receipt, speak of; with an identity its content too.

    `trust` is a folder with `ca.pem` and `receipt.pub.pem`; else they are looked for beside the files.
    Raise `InputError`, `VaultError`.
    """
    if policy is not None and identity is None:
        # Who names a policy wants the content held against it.
        raise InputError("proof.policy_unused", file=str(policy))
    sealed = _bytes(file)
    token, _, certificate_pem = _bytes(manifest).decode("ascii", "replace").partition("\n")
    certificates = keys.certificates_from_pem(certificate_pem)
    if len(certificates) != 1:
        raise InputError("proof.no_certificate", file=str(manifest))
    stated = _statement(Manifest, JwsVerifier.of_certificate(certificates[0]).verify(token.strip(), MANIFEST_TYP))
    ca = trust / CA_FILE if trust else _beside(CA_FILE, manifest, file)
    signer = verify_signer(
        certificates[0], keys.certificates_from_pem(_bytes(ca).decode("ascii", "replace")), stated.sealed_at
    )
    demand_kit(signer, stated.kit)
    if len(sealed) != stated.size_bytes or hashlib.sha256(sealed).hexdigest() != stated.sha256:
        raise VaultError("proof.other_file", record=str(stated.record_id))
    note = _verify_content(open_record(file, identity, ca, policy=policy), stated) if identity else ""
    return VerifiedProof(stated, _verified_receipt(receipt, token.strip(), stated, trust) if receipt else None, note)


def _verify_content(found: OpenedFile, stated: Manifest) -> str:
    record, link = found.record, found.record.link
    inside = (record.record_id, record.kit_id, link.chain, link.sequence, link.previous)
    named = (str(stated.record_id), stated.kit, stated.chain, stated.sequence, stated.previous)
    if inside != named or abs(found.seal.sealed_at - stated.sealed_at) > _ONE_ACT:
        raise VaultError("proof.other_content", record=str(stated.record_id))
    return found.note


def _verified_receipt(file: Path, manifest_jws: str, stated: Manifest, trust: Path | None) -> Receipt:
    key_file = trust / RECEIPT_KEY_FILE if trust else _beside(RECEIPT_KEY_FILE, file)
    public = keys.public_from_pem(_bytes(key_file).decode("ascii", "replace"))
    token = _bytes(file).decode("ascii", "replace").strip()
    receipt = _statement(Receipt, JwsVerifier.of_key(public).verify(token, RECEIPT_TYP))
    named = (receipt.record_id, receipt.sha256, receipt.size_bytes, receipt.manifest_sha256)
    digest = hashlib.sha256(manifest_jws.encode()).hexdigest()
    if named != (stated.record_id, stated.sha256, stated.size_bytes, digest):
        raise VaultError("proof.other_receipt", record=str(stated.record_id))
    return receipt


def _statement(kind: type[_Statement], payload: dict[str, object]) -> _Statement:
    try:
        return kind.model_validate(payload)
    except ValidationError as error:
        raise InputError("proof.malformed", errors=error.error_count()) from error


def _beside(name: str, *files: Path) -> Path:
    """Return the file of this name in the nearest folder above one of the files."""
    for folder in (parent for file in files for parent in file.absolute().parents):
        # What anybody may have put there (/tmp) is no anchor of trust.
        if (folder / name).is_file() and not folder.stat().st_mode & stat.S_IWOTH:
            return folder / name
    raise InputError("proof.no_trust", name=name)


def _bytes(file: Path) -> bytes:
    try:
        return Place.of_file(file).read(_MOST_PROOF_BYTES)
    except OSError as error:
        raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error


_MOST_BYTES = 256_000_000
_RECORDS = {Modality.FINGER: b"FIR\0", Modality.FACE: b"FAC\0", Modality.IRIS: b"IIR\0"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Score, measures by name, message keys of what would make it better, what judged each check and how it ended."""

    score: QualityScore
    measures: Mapping[str, float]
    advice: tuple[str, ...]
    methods: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


def judge_file(path: Path, modality: Modality, ppi: int) -> Judgement:
    """Judge a picture (PNG, JPEG, JPEG 2000, WSQ …) or an ISO/IEC 19794 record; `ppi` of a finger's picture.

    Raise `InputError` when it cannot be read.
    """
    try:
        content = Place.of_file(path).read(_MOST_BYTES)
    except OSError as error:
        raise InputError("mutu.unreadable", path=str(path)) from error
    is_record = content.startswith(_RECORDS[modality])
    match modality:
        case Modality.FINGER:
            return _finger(content, path, ppi, is_record=is_record)
        case Modality.FACE:
            return _face(content, is_record=is_record)
        case _:
            return _iris(content, is_record=is_record)


def _finger(content: bytes, path: Path, ppi: int, *, is_record: bool) -> Judgement:
    from fieldkit.formats.finger import decode_finger_record
    from fieldkit.formats.images import decode_grey
    from fieldkit.matching.minutiae import read_print
    from fieldkit.quality.finger_blocks import at_500_ppi
    from fieldkit.quality.finger_estimate import GOOD, TOO_REGULAR, installed_nfiq2, minutiae_measures, review

    if is_record:
        record = decode_finger_record(content)
        pixels, ppi = record.pixels(), record.ppi
    else:
        pixels = decode_grey(content)
    try:
        found = review(pixels, ppi)
        if found.refused:
            return Judgement(found.score, found.measures, found.advice)
        print_ = read_print((pixels, ppi))
    except ValueError as error:  # a few lines of pixels
        raise InputError("mutu.unreadable", path=str(path)) from error
    score = found.score
    if (nfiq2 := installed_nfiq2()) is not None:
        score = nfiq2.scores([(pixels, ppi)])[0] or score
        nfiq2.close()
    measures = dict(found.measures) | minutiae_measures(at_500_ppi(pixels, ppi), print_.minutiae)
    if print_.is_bare:
        return Judgement(replace(found.score, value=0), measures, (TOO_REGULAR,))
    return Judgement(score, measures, found.ways if score.value < GOOD else ())


def _face(content: bytes, *, is_record: bool) -> Judgement:
    from fieldkit.formats.face import decode_face_record
    from fieldkit.formats.images import decode_colour
    from fieldkit.quality.face import PortraitJudge

    frame = decode_face_record(content).pixels() if is_record else decode_colour(content)
    found = PortraitJudge(decode_colour).review(frame)
    answers = {str(each.check): each.answer for each in found.results}
    methods = {str(each.check): each.method for each in found.results}
    return Judgement(found.score, found.measures, (*found.hints, *found.looks), methods, answers)


def _iris(content: bytes, *, is_record: bool) -> Judgement:
    from fieldkit.formats.images import decode_grey
    from fieldkit.formats.iris import decode_iris_record
    from fieldkit.quality.iris import ALGORITHM, VERSION, IrisJudge

    judge = IrisJudge(decode_grey)
    frame = decode_iris_record(content).pixels() if is_record else decode_grey(content)
    seen = judge.reviews(frame, (Position.EYE_RIGHT, Position.EYE_LEFT))
    if not seen:
        return Judgement(QualityScore(0, ALGORITHM, VERSION), {}, ("iris.no_eye",))
    # A picture with both eyes is as good as the poorer one.
    found = min(seen.values(), key=lambda each: each.score.value)
    return Judgement(found.score, asdict(found.metrics), found.hints)
