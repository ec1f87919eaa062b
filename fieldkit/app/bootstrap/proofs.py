"""Open a sealed record, verify what came with it, and carry proofs out of the kit."""

from __future__ import annotations

import hashlib
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from fieldkit.domain.delivery.sealed import MANIFEST_TYP
from fieldkit.domain.errors import InputError, VaultError
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.ports.vault import OpenedSeal
from fieldkit.vault import keys
from fieldkit.vault.age import decrypt, parse_identities
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.jws import JwsVerifier
from fieldkit.vault.manifests import manifest_proof as manifest_proof
from fieldkit.vault.sealing import SealOpener
from sync.protocol.messages import RECEIPT_TYP, Manifest, Receipt

CA_FILE, RECEIPT_KEY_FILE = "ca.pem", "receipt.pub.pem"
_Statement = TypeVar("_Statement", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A sealed file that was opened: the CMS as it was encrypted, the seal with its signers, the content."""

    cms: bytes
    seal: OpenedSeal
    record: OpenedRecord


def open_record(file: Path, identity: Path, ca: Path | None) -> OpenedFile:
    """Open a sealed file. The CA is looked for beside the identity and the file when it is not named.

    Raise `InputError`, `VaultError`.
    """
    sealed = _bytes(file)
    identities = parse_identities(_bytes(identity).decode("utf-8", "replace"))
    anchor = ca or _beside(CA_FILE, identity, file)
    authorities = keys.certificates_from_pem(_bytes(anchor).decode("ascii", "replace"))
    opened = SealOpener(identities, authorities).open(sealed)
    return OpenedFile(decrypt(sealed, identities), opened, read_container(opened.content))


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """A sealed file that is the one its manifest names; `receipt` is None when none was shown."""

    manifest: Manifest
    receipt: Receipt | None


def verify_record(file: Path, manifest: Path, receipt: Path | None, trust: Path | None) -> VerifiedProof:
    """Verify that a file is what its manifest, and the receipt, speak of.

    `trust` is a folder with `ca.pem` and `receipt.pub.pem`; else they are looked for beside the files.
    Raise `InputError`, `VaultError`.
    """
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
    if signer.signer_id != stated.kit:
        raise VaultError("proof.other_kit", kit=stated.kit, signer=signer.signer_id)
    if len(sealed) != stated.size_bytes or hashlib.sha256(sealed).hexdigest() != stated.sha256:
        raise VaultError("proof.other_file", record=str(stated.record_id))
    return VerifiedProof(stated, _verified_receipt(receipt, token.strip(), stated, trust) if receipt else None)


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
        return file.read_bytes()
    except OSError as error:
        raise InputError("cli.unreadable", file=str(file), detail=error.strerror or "") from error
