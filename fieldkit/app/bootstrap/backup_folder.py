"""A backup of a kit on a stick: its folder, the signed statement of what is in it, and whether that is still there."""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from fieldkit.domain.errors import InputError, KnownError, Recovery, StoreError, VaultError
from fieldkit.media.carried_files import (
    Advance,
    digest_of_file,
    stay_silent,
    unreadable,
    write_file,
)
from fieldkit.media.place import UNFINISHED, Place
from fieldkit.ports.backups import StickBackup
from fieldkit.ports.vault import Signer
from fieldkit.vault import keys
from fieldkit.vault.jws import JwsVerifier
from sync.protocol.messages import KitId, Sha256Hex

STATEMENT = "backup.json"
DATABASE = "kit.db"
SLOTS = re.compile(r"(keyslots|escrow)(\.[a-z]+)?\.(json|age)")
BACKUP_TYP = "fieldkit-backup+jwt"
_FORMAT = "fieldkit-backup/1"
_MAX_STATEMENT_BYTES = 64 * 1024 * 1024
# What a home may get from a stick: a statement is signed by whoever made it, and a stick may come from anybody.
_PART = r"[^./\\:\x00-\x1f][^/\\:\x00-\x1f]*"  # of a path; never a way up or out
_NAMES = re.compile(
    r"kit\.db|keyslots(\.[a-z]+)?\.json|escrow(\.[a-z]+)?\.age|enrolment\.sealed|public\.json|devices\.toml|policy\.yaml"
    rf"|trust(/{_PART})+|sop(/{_PART})+|sessions/{_PART}\.journal|sealed/(aside/)?{_PART}\.(age|manifest)"
)


class StatedFile(BaseModel):
    """One file of a backup; `name` is its path within it, with slashes."""

    model_config = ConfigDict(frozen=True)

    name: str
    size_bytes: int = Field(ge=0)
    sha256: Sha256Hex


class Statement(BaseModel):
    """What a backup is, signed by the kit that made it."""

    model_config = ConfigDict(frozen=True)

    kit: KitId
    made_at: AwareDatetime
    made_by: str
    records: int = Field(ge=0)
    files: tuple[StatedFile, ...]

    @property
    def size_bytes(self) -> int:
        """Return how much all files have together."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """A statement whose signature holds by the certificate beside it. Who issued that is judged where the CA is."""

    stated: Statement
    certificate: bytes  # DER
    digest: str  # hex SHA-256 of the signed form

    def told(self, folder: Place) -> StickBackup:
        """Return it for people."""
        stated = self.stated
        return StickBackup(
            str(folder.path), stated.kit, stated.made_at, stated.made_by, stated.records, stated.size_bytes, self.digest
        )


def may_hold(name: str) -> bool:
    """Return whether a file of this name (with slashes) belongs to a home."""
    return _NAMES.fullmatch(name) is not None


def write_statement(folder: Place, stated: Statement, signer: Signer, certificate: bytes) -> ReadStatement:
    """Sign what a folder holds and write it there; nothing else may follow."""
    token = signer.sign(stated.model_dump(mode="json"), BACKUP_TYP)
    whole = {"format": _FORMAT, "signed": token, "certificate": keys.certificates_to_pem(certificate)}
    write_file(folder / STATEMENT, json.dumps(whole, indent=1).encode())
    return ReadStatement(stated, certificate, _digest(token))


def read_statement(folder: Place) -> ReadStatement:
    """Read what a backup states. Raise `InputError`: `backup.none_here`, `backup.malformed`; `StoreError`."""
    place = folder / STATEMENT
    try:
        whole = json.loads(place.read(_MAX_STATEMENT_BYTES))
        if whole["format"] != _FORMAT:
            raise InputError("backup.malformed", where=str(folder))
        token, pem = str(whole["signed"]), str(whole["certificate"])
        (certificate,) = keys.certificates_from_pem(pem)
        stated = Statement.model_validate(JwsVerifier.of_certificate(certificate).verify(token, BACKUP_TYP))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError("backup.none_here", where=str(folder)) from error
    except OSError as error:
        if error.errno == errno.E2BIG:
            raise InputError("backup.malformed", where=str(folder)) from error
        raise unreadable(place, error) from error
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
        raise InputError("backup.malformed", where=str(folder)) from error
    except (InputError, VaultError) as error:
        raise InputError("backup.malformed", where=str(folder)) from error
    names = [file.name for file in stated.files]
    if DATABASE not in names or len(set(names)) != len(names) or not all(map(may_hold, names)):
        raise InputError("backup.malformed", where=str(folder))
    return ReadStatement(stated, certificate, _digest(token))


def verify_backup(folder: Place, advance: Advance = stay_silent) -> ReadStatement:
    """Read every file of a backup and compare it with what was signed; no secret is needed.

    Raise what `read_statement` raises, and `StoreError("backup.damaged")` that names the files.
    """
    read = read_statement(folder)
    damaged = [file.name for file in read.stated.files if not _is_same(folder / file.name, file, advance)]
    if damaged:
        names = ", ".join(damaged[:5])
        raise StoreError("backup.damaged", recovery=Recovery.NONE, count=len(damaged), names=names)
    return read


def backups_on(stick: Place, kit: str = "") -> Sequence[Place]:
    """List the finished backups of a kit on a stick, of all without one, the newest of each kit last."""
    kits = listed(stick / "fieldkit") if not kit else [stick / "fieldkit" / kit]
    return [folder for each in kits for folder in listed(each) if _is_finished(folder)]


def newest_at(stick: Place, kit: str) -> datetime | None:
    """Return when the newest backup of a kit on a stick was made."""
    for folder in reversed(backups_on(stick, kit)):
        try:
            return read_statement(folder).stated.made_at
        except KnownError:
            continue  # a damaged one is no backup; the one before it may be whole
    return None


def listed(folder: Place) -> Sequence[Place]:
    """Return what lies in a folder, nothing where there is none or a link in its place."""
    with suppress(OSError):
        return folder.listed()
    return ()


def _is_finished(folder: Place) -> bool:
    named = folder.name.startswith("backup-") and not folder.name.endswith(UNFINISHED)
    return named and (folder / STATEMENT).exists()


def _is_same(place: Place, stated: StatedFile, advance: Advance) -> bool:
    try:
        found = digest_of_file(place, advance)
    except StoreError:
        return False
    return (found.size_bytes, found.sha256) == (stated.size_bytes, stated.sha256)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
