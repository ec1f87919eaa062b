"""What one backup holds, as it lies in a folder, and how it is closed and opened.

FOLDER/objects/…              objects under their keys, shared by all backups of the folder
FOLDER/backups/TIME/key.age       the key of this backup, for the recovery identity or a passphrase
               keys.age           the files of the gateway's folder, keys among them
               database/NNNNN.age rows
               objects.jsonl      key, size and SHA-256 of each object that the rows name
               backup.jws         what all this is, signed with the receipt key; written last
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ValidationError

from fieldkit.domain.errors import InputError, KnownError, VaultError
from fieldkit.media.place import Place
from fieldkit.vault import age, age_code
from fieldkit.vault.jws import CompactJws, JwsVerifier
from sync.gateway.blobs import Content
from sync.gateway.operations.backup_objects import BackupObjects, content_of
from sync.gateway.operations.snapshot import Piece
from sync.protocol.messages import Count, Der, Moment, Sha256Hex

BACKUP_TYP = "fieldkit-backup+jwt"
BACKUPS = "backups"
KEY, KEYS, ROWS, LISTED, STATEMENT = "key.age", "keys.age", "database", "objects.jsonl", "backup.jws"
LEAST_PASSPHRASE = 12
_MOST_STATEMENT_BYTES, _MOST_KEY_BYTES, _MOST_LINE_BYTES = 64 * 1024 * 1024, 64 * 1024, 4096
_MOST_OPENED_BYTES = 512 * 1024 * 1024  # of what is decrypted in one go: 2,000 rows, or the files of the gateway
_FORMAT = 1


def _stays_below(name: str) -> str:
    """Return a name with slashes that leads nowhere but down from where it counts. Raise `ValueError`."""
    parts = name.split("/")
    if PurePosixPath(name).is_absolute() or {"", ".", ".."} & {*parts} or any(letter in name for letter in "\\:\0"):
        raise ValueError(name)
    return name


Below = Annotated[str, AfterValidator(_stays_below)]


class FileWord(BaseModel):
    """A file of a backup."""

    name: Below
    size_bytes: Count
    sha256: Sha256Hex


class Statement(BaseModel):
    """What a gateway signs of a backup. `missing` are objects that were not there any more, by their keys."""

    format: int = _FORMAT
    gateway: str
    made_at: Moment
    revision: str
    receipt_public_key: Der
    opens_by: str  # "recovery" or "passphrase"
    rows: dict[str, Count]
    objects: Count
    object_bytes: Count
    missing: tuple[str, ...] = ()
    files: tuple[FileWord, ...]


class ListedObject(BaseModel):
    """An object that a backup holds."""

    key: Below
    size_bytes: Count
    sha256: Sha256Hex

    @property
    def content(self) -> Content:
        """What it must be."""
        return Content(self.size_bytes, self.sha256)


@dataclass(frozen=True, slots=True)
class Unlock:
    """What opens a backup: identities of the recovery key, or a passphrase."""

    identities: tuple[age.Identity, ...] = ()
    passphrase: str = ""

    def key_of(self, sealed: bytes) -> age.Identity:
        """Open the key of a backup. Raise `InputError` `gateway.backup_other_key`, `VaultError` for a damaged file."""
        try:
            if age_code.wants_code(sealed):
                opened = age_code.decrypt(sealed, self.passphrase)
            else:
                opened = age.decrypt(sealed, self.identities)
        except VaultError as error:
            if error.code == "vault.age_no_identity":
                raise InputError("gateway.backup_other_key") from error
            raise
        return age.Identity.parse(opened.decode("ascii", "replace"))


def locked_key(key: age.Identity, recovery: str, passphrase: str) -> bytes:
    """Close the key of a backup, with the passphrase when there is one. Raise `InputError` for a short passphrase."""
    if passphrase and len(passphrase) < LEAST_PASSPHRASE:
        raise InputError("gateway.backup_passphrase", least=LEAST_PASSPHRASE)
    secret = key.secret_text.encode("ascii")
    return age_code.encrypt(secret, passphrase) if passphrase else age.encrypt(secret, [age.Recipient.parse(recovery)])


@dataclass(frozen=True, slots=True)
class BackupSet:
    """One finished backup. Its statement says what it holds; only `check_files` has looked whether that is so."""

    folder: Path
    statement: Statement

    @classmethod
    def read(cls, folder: Path) -> BackupSet:
        """Read the statement. Raise `InputError` `gateway.no_backup` or `gateway.backup_damaged`."""
        try:
            signed = (Place(folder) / STATEMENT).read(_MOST_STATEMENT_BYTES).decode("ascii")
        except FileNotFoundError as error:
            raise InputError("gateway.no_backup", folder=str(folder)) from error
        except UnicodeDecodeError as error:
            raise _damaged(folder, STATEMENT) from error
        try:
            claimed = Statement.model_validate(CompactJws.parse(signed.strip()).payload)
            # The key is checked against the gateway's own once the keys are open.
            JwsVerifier.of_key(claimed.receipt_public_key).verify(signed.strip(), BACKUP_TYP)
        except (ValidationError, ValueError, KnownError) as error:
            raise _damaged(folder, STATEMENT) from error
        if claimed.format != _FORMAT:
            raise InputError("gateway.backup_newer")
        return cls(folder, claimed)

    @property
    def objects(self) -> BackupObjects:
        """The objects of this and other backups."""
        return BackupObjects(Place(self.folder.parent.parent))

    def listed(self) -> Iterator[ListedObject]:
        """Yield what objects it holds. Raise `InputError` `gateway.backup_damaged`."""
        with (Place(self.folder) / LISTED).open() as lines:
            while line := lines.readline(_MOST_LINE_BYTES):
                try:
                    yield ListedObject.model_validate_json(line)
                except ValidationError as error:
                    raise _damaged(self.folder, LISTED) from error

    def check_files(self) -> None:
        """Compare every file but the objects with the statement. Raise `InputError` `gateway.backup_damaged`."""
        for word in self.statement.files:
            place = Place(self.folder) / word.name
            is_right = place.is_file() and place.look().st_size == word.size_bytes
            if not is_right or content_of(place) != Content(word.size_bytes, word.sha256):
                raise _damaged(self.folder, word.name)

    def open(self, unlock: Unlock) -> OpenBackup:
        """Open it. Raise `InputError`, `VaultError`."""
        return OpenBackup(self, unlock.key_of((Place(self.folder) / KEY).read(_MOST_KEY_BYTES)))


@dataclass(frozen=True, slots=True)
class OpenBackup:
    """A backup whose key is known."""

    made: BackupSet
    _key: age.Identity

    @property
    def key_text(self) -> str:
        """The key: whoever has it reads the backup."""
        return self._key.secret_text

    def gateway_files(self) -> dict[str, bytes]:
        """Return the files of the gateway's folder by their names below it."""
        said = json.loads(self._opened(KEYS))
        try:
            return {_stays_below(name): bytes.fromhex(content) for name, content in said.items()}
        except ValueError as error:
            raise _damaged(self.made.folder, KEYS) from error

    def pieces(self) -> Iterator[Piece]:
        """Yield the rows, parents first."""
        for word in self.made.statement.files:
            if word.name.startswith(f"{ROWS}/"):
                yield Piece.unpacked(self._opened(word.name))

    def _opened(self, name: str) -> bytes:
        try:
            return age.decrypt((Place(self.made.folder) / name).read(_MOST_OPENED_BYTES), [self._key])
        except VaultError as error:
            raise _damaged(self.made.folder, name) from error


def backups_in(folder: Path) -> list[BackupSet]:
    """Return the finished backups of a folder, oldest first. Raise `InputError` for a damaged one."""
    try:
        made = [place for place in (Place(folder) / BACKUPS).listed() if (place / STATEMENT).exists()]
    except FileNotFoundError:
        return []
    return [BackupSet.read(place.path) for place in made if not place.name.startswith(".")]


def the_backup(folder: Path) -> BackupSet:
    """Return the backup that a folder is, or the newest one in it. Raise `InputError`."""
    if (Place(folder) / STATEMENT).exists():
        return BackupSet.read(folder)
    found = backups_in(folder)
    if not found:
        raise InputError("gateway.no_backup", folder=str(folder))
    return found[-1]


def word_on(name: str, content: bytes) -> FileWord:
    """Return what a statement says of a file."""
    return FileWord(name=name, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def _damaged(folder: Path, name: str) -> InputError:
    return InputError("gateway.backup_damaged", folder=str(folder), file=name)
