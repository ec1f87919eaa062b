"""Copies a kit's home to sticks: everything that is needed to go on elsewhere, verified there before it counts."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.domain.errors import InputError, KnownError, Recovery, RuleError, StoreError, VaultError
from fieldkit.domain.recording.exceptions import SignedAct
from fieldkit.domain.typed import path_of
from fieldkit.media.carried_files import (
    Advance,
    CarriedFile,
    carry_file,
    demand_room,
    digest_of_file,
    failed,
    make_folder,
    stay_silent,
    unreadable,
    write_file,
)
from fieldkit.media.place import UNFINISHED, Place
from fieldkit.media.sealed_pairs import VOUCH, SealedPair, find_pairs
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import Cancel
from fieldkit.ports.exchange import CopyProgress, CopySink, Drive, StickBackup
from fieldkit.ports.vault import Signer
from fieldkit.storage.home_lock import sync_folder
from fieldkit.storage.reserve import RESERVE, RESERVE_BYTES, Reserve, with_room
from fieldkit.vault import certificates
from fieldkit.vault.derived import DerivedCipher
from fieldkit.vault.device_trust import JwsVerifier
from sync.kit.announce import vouch_of
from sync.protocol.messages import KitId, Sha256Hex

# A backup of a kit on a stick: its folder, the signed statement of what is in it, and whether that is still there.

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
    whole = {"format": _FORMAT, "signed": token, "certificate": certificates.certificates_to_pem(certificate)}
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
        (certificate,) = certificates.certificates_from_pem(pem)
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


# What enrolment left, a second time beside the store: a fresh store can be made from it.

_PURPOSE, _ABOUT = "fieldkit enrolment", b"enrolment.sealed"


class SettingsCopy:
    """`enrolment.sealed`: the settings under a key that follows from the key of the store."""

    def __init__(self, path: Path, db_key: bytes) -> None:
        self._path, self._cipher = path, DerivedCipher(db_key, _PURPOSE)

    def read(self) -> KitSettings | None:
        """Return the settings, None where none are that this key opens."""
        try:
            return KitSettings.model_validate_json(self._cipher.open(self._path.read_bytes(), _ABOUT) or b"")
        except (OSError, ValidationError):
            return None

    def keep(self, settings: KitSettings) -> None:
        """Write the settings when they are not there as they are; a full disk keeps nobody out."""
        if self.read() == settings:
            return
        unfinished = self._path.with_name(f"{self._path.name}.part")

        def write() -> None:
            try:
                with unfinished.open("wb") as file:
                    file.write(self._cipher.close(settings.model_dump_json().encode(), _ABOUT))
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(self._path)
                sync_folder(self._path.parent)
            finally:
                unfinished.unlink(missing_ok=True)

        with suppress(OSError):
            with_room(self._path, write)


KEPT = 3  # backups of one kit on one stick: the newest and two before it
# `devices.toml` names programs: it is written on each laptop, and no stick brings it.
_PLAIN = ("keyslots*.json", "escrow*.age", "enrolment.sealed", "public.json", "policy.yaml")
_FOLDERS = ("trust", "sop")
_NO_ROOM = ("store.disk_full", "store.not_opened")
_MOUNTS = ("/media/", "/run/media/", "/mnt/", "/Volumes/")

CopyStore = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class BackupTools:
    """What a backup is made with. `copy_store` writes a whole, checked copy of the open store to a path."""

    signer: Signer
    certificate: bytes  # DER, of the kit
    copy_store: CopyStore
    clock: Clock
    user_id: str


def plugged_in(kit_id: str) -> Sequence[Drive]:
    """List the sticks that are plugged in, by their place, each with the newest backup of a kit, "" for any."""
    return [_drive(place, kit_id) for place in sorted(_removable())]


class HomeOnSticks:
    """Implements `Sticks` for the home of the kit that is signed in."""

    def __init__(self, home: Home, kit_id: str, tools: BackupTools) -> None:
        self._home, self._kit_id, self._tools = home, kit_id, tools
        self._place = Place(home.path)

    def drives(self) -> Sequence[Drive]:
        """List the sticks that are plugged in, by their place."""
        return plugged_in(self._kit_id)

    def back_up(self, place: str, proven: Collection[str], sink: CopySink, cancel: Cancel) -> StickBackup:
        """Copy under another name, verify, sign, rename; only then do older backups go."""
        stick = self._stick(place)
        kit_folder = stick / "fieldkit" / self._kit_id
        for left in listed(kit_folder):
            if left.name.endswith(UNFINISHED):
                left.remove()  # of a backup that was killed
        pairs = [pair for pair in find_pairs(self._place / "sealed").pairs if pair.record_id not in proven]
        named = {**dict(self._plain_files()), **{file.below: file for file in _files_of(pairs)}}
        sources = {name: file for name, file in named.items() if may_hold(name)}
        database = sum(file.stat().st_size for file in self._home.path.glob(f"{DATABASE}*") if file.is_file())
        total = database + sum(file.look().st_size for file in sources.values())
        self._demand_room(stick, len(sources) + 2, total)
        folder = _free_name(kit_folder, self._tools.clock.now())
        unfinished = folder.parent / f"{folder.name}{UNFINISHED}"
        try:
            unfinished.make_new()
            files = self._copied(unfinished, sources, _Told(sink, cancel, 2 * total))
            stated = Statement(
                kit=self._kit_id,
                made_at=self._tools.clock.now(),
                made_by=self._tools.user_id,
                records=len({pair.record_id for pair in pairs}),
                files=tuple(files),
            )
            read = write_statement(unfinished, stated, self._tools.signer, self._tools.certificate)
            unfinished.rename(folder.name)
        except OSError as error:
            raise failed(unfinished, error) from error
        finally:
            unfinished.remove()
        for old in backups_on(stick, self._kit_id)[:-KEPT]:
            _retire(old)
        return read.told(folder)

    def carry(self, place: str, record_ids: Collection[str], vouches: Mapping[str, SignedAct]) -> str:
        """Copy some records with their manifests, and what team leads signed for them, into the kit's folder."""
        stick = self._stick(place)
        pairs = [pair for pair in find_pairs(self._place / "sealed").pairs if pair.record_id in record_ids]
        for missing in sorted(set(record_ids) - {pair.record_id for pair in pairs}):
            raise StoreError("store.file_gone", recovery=Recovery.ASK_OFFICE, record=missing)
        files = list(_files_of(pairs))
        demand_room(stick, len(files), sum(file.look().st_size for file in files))
        folder = stick / "fieldkit" / self._kit_id / "records"
        make_folder(folder)
        folder.sweep()
        for file in files:
            carry_file(file, folder / file.name)
        for record_id in vouches.keys() & set(record_ids):
            signed = vouch_of(record_id, vouches[record_id]).model_dump_json()
            write_file(folder / f"{record_id}{VOUCH}", signed.encode())
        return str(folder.path)

    def _stick(self, place: str) -> Place:
        stick = path_of(place)
        if not place.strip() or not stick.is_dir():
            raise InputError("stick.not_there", where=place.strip() or "–")
        if stick.resolve().is_relative_to(self._home.path.resolve()):
            raise InputError("stick.same_place", where=str(stick))
        return Place(stick)

    def _demand_room(self, stick: Place, files: int, size_bytes: int) -> None:
        """Demand room for a backup; on the kit's own disk the reserve gives way when nothing more is missing."""
        try:
            demand_room(stick, files, size_bytes)
        except StoreError as error:
            missing = int(error.problem.params["needed"]) - int(error.problem.params["free"])
            gives_way = _disk_of(stick.path) == _disk_of(self._home.path) and missing * 1_000_000 <= RESERVE_BYTES
            if not gives_way or not Reserve(self._home.path / RESERVE).give_up():
                raise
            demand_room(stick, files, size_bytes)

    def _plain_files(self) -> Iterator[tuple[str, Place]]:
        """Yield what else is needed, by name; a link that the owner of the home laid is read where it leads."""
        for pattern in _PLAIN:
            for path in sorted(self._home.path.glob(pattern)):
                yield path.name, Place.led_to(path)
        for folder in _FOLDERS:
            for file in Place(self._home.path / folder).walk(lambda _place, _error: None):
                if file.path.is_file():
                    yield f"{folder}/{file.below}", Place.led_to(file.path)
        for file in listed(self._place / "sessions"):
            if file.suffix == ".journal":
                yield file.below, file

    def _copied(self, folder: Place, sources: Mapping[str, Place], told: _Told) -> list[StatedFile]:
        # The store first: what is sealed after it lies beside it with its manifest, and is adopted from there.
        try:
            self._tools.copy_store((folder / DATABASE).path)
        except StoreError as error:
            if error.code not in _NO_ROOM:
                raise
            raise StoreError("stick.full_now", where=str(folder)) from error
        copy = digest_of_file(folder / DATABASE)
        told.advance(2 * copy.size_bytes)
        files = [_stated(DATABASE, copy)]
        for name, source in sources.items():
            target = folder / name
            folder.look()  # of a stick that was pulled out nothing is made anew on the laptop's own disk
            make_folder(target.parent)
            files.append(_stated(name, carry_file(source, target, told.advance_twice)))
        return files


class _Told:
    """Tells how far a backup is, and stops it between two pieces when somebody gave up."""

    def __init__(self, sink: CopySink, cancel: Cancel, total: int) -> None:
        self._sink, self._cancel, self._total, self._done = sink, cancel, total, 0

    def advance(self, size_bytes: int) -> None:
        if self._cancel.is_cancelled():
            raise RuleError("backup.stopped")
        self._done += size_bytes
        self._sink.offer(CopyProgress(min(self._done, self._total), self._total))

    def advance_twice(self, size_bytes: int) -> None:
        """Count a piece that is written and soon read back."""
        self.advance(2 * size_bytes)


def _stated(name: str, file: CarriedFile) -> StatedFile:
    return StatedFile(name=name, size_bytes=file.size_bytes, sha256=file.sha256)


def _files_of(pairs: Sequence[SealedPair]) -> Iterator[Place]:
    for pair in pairs:
        if pair.manifest is not None:
            yield pair.manifest
        yield pair.file


def _disk_of(place: Path) -> int:
    return place.stat().st_dev


def _free_name(kit_folder: Place, now: datetime) -> Place:
    stamp, tries = f"backup-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}", 1
    folder = kit_folder / stamp
    while folder.exists():
        tries += 1
        folder = kit_folder / f"{stamp}-{tries}"
    return folder


def _retire(folder: Place) -> None:
    """Take a backup away; under another name first, so that a half of it never looks whole."""
    with suppress(OSError):  # it stays and is tried again at the next backup; the new one is there
        folder.rename(f"{folder.name}{UNFINISHED}").remove()


def _removable() -> list[str]:
    found = []
    for part in psutil.disk_partitions():
        is_stick = "removable" in part.opts.split(",") and "cdrom" not in part.opts.split(",")
        if is_stick or (sys.platform != "win32" and part.mountpoint.startswith(_MOUNTS)):
            found.append(part.mountpoint)
    return found


def _drive(place: str, kit_id: str) -> Drive:
    path = Path(place)
    try:
        free: int | None = shutil.disk_usage(path).free
    except OSError:
        free = None
    return Drive(place, path.name or place, free, newest_at(Place(path), kit_id))
