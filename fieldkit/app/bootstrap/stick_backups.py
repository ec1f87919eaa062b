"""Copies a kit's home to sticks: everything that is needed to go on elsewhere, verified there before it counts."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from fieldkit.app.bootstrap.backup_folder import (
    DATABASE,
    StatedFile,
    Statement,
    backups_on,
    listed,
    may_hold,
    newest_at,
    write_statement,
)
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError, Recovery, RuleError, StoreError
from fieldkit.domain.recording.authority import SignedAct
from fieldkit.domain.typed import path_of
from fieldkit.media.carried_files import (
    CarriedFile,
    carry_file,
    demand_room,
    digest_of_file,
    failed,
    make_folder,
    write_file,
)
from fieldkit.media.place import UNFINISHED, Place
from fieldkit.media.sealed_pairs import VOUCH, SealedPair, find_pairs
from fieldkit.ports.backups import CopyProgress, CopySink, Drive, StickBackup
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import Cancel
from fieldkit.ports.vault import Signer
from fieldkit.storage.reserve import RESERVE, RESERVE_BYTES, Reserve
from sync.kit.vouching import vouch_of

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
