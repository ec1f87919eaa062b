"""Files of a folder that get their names when their bytes are on the disk: many names for one wait."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from fieldkit.vault.durable import sync_folder

SEALED = "sealed"
INCOMING = "incoming"
_MOST_PIECES = 1024  # IOV_MAX: of one call


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A file whose bytes are on the disk and whose name is not."""

    source: Path
    key: str
    is_grown: bool = False  # what it was before is acknowledged in part: it is never dropped


class NamedFiles:
    """Files below a folder by their keys. Folders of sealed files stay once they are there, others come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._on_disk = {folder}  # folders of ours whose names are there for good

    @contextmanager
    def incoming(self, key: str) -> Iterator[tuple[Prepared, int]]:
        """Give a new file to write to, and what is to be named once it is whole and on the disk."""
        prepared = Prepared(self.folder / INCOMING / uuid4().hex, key)
        file = _opened_new(prepared.source)
        try:
            try:
                yield prepared, file
                os.fsync(file)
            finally:
                os.close(file)
        except BaseException:
            _drop(prepared)
            raise

    def name(self, prepared: Sequence[Prepared]) -> dict[Prepared, OSError]:
        """Give files their keys, durably: a folder that several come to is waited for once. Return why not.

        The way to a new name is on the disk before the name, which takes the old one with it: no power cut finds a
        file between the two.
        """
        errors = dict[Prepared, OSError]()
        places = dict[Path, list[Prepared]]()
        for each in prepared:
            try:
                for place in self._moved(each):
                    places.setdefault(place, []).append(each)
            except OSError as error:
                errors[each] = error
        for place, came in places.items():
            try:
                sync_folder(place)
            except OSError as error:
                errors |= dict.fromkeys(came, error)
        _drop(*errors)
        return errors

    def _moved(self, prepared: Prepared) -> Sequence[Path]:
        """Give a file its name and return the folders that are to be waited for."""
        path, stays = self.folder / prepared.key, prepared.key.startswith(f"{SEALED}/")
        if stays:
            self._make_way(path.parent)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        prepared.source.replace(path)
        if prepared.is_grown:
            with suppress(OSError):  # another upload of this record may be there
                prepared.source.parent.rmdir()
        return [path.parent] if stays else self.folders_to(path)

    def folders_to(self, path: Path) -> Sequence[Path]:
        """Return the folders that lead to a file, the nearest first."""
        return [place for place in path.parents if place.is_relative_to(self.folder)]

    def _make_way(self, place: Path) -> None:
        """Make a folder that stays, with those above it; return when all their names are on the disk.

        A name that we brought there once is waited for no more, unless somebody took it away: then it is made anew.
        """
        try:
            place.mkdir()
        except FileExistsError:
            if place in self._on_disk:
                return
        except FileNotFoundError:
            self._make_way(place.parent)
            place.mkdir(exist_ok=True)
        if place.parent not in self._on_disk:
            self._make_way(place.parent)
        sync_folder(place.parent)
        self._on_disk.add(place)


def _drop(*prepared: Prepared) -> None:
    for each in prepared:
        if not each.is_grown:
            with suppress(OSError):  # the sweep removes what stays
                each.source.unlink(missing_ok=True)


def write_all(file: int, *pieces: bytes) -> None:
    """Write pieces one behind the other, with one call where the system can.

    After each call a thread waits for its turn at Python's one lock.
    """
    rest = [memoryview(piece) for piece in pieces]
    while rest:
        written = os.write(file, rest[0]) if sys.platform == "win32" else os.writev(file, rest[:_MOST_PIECES])
        while rest and written >= len(rest[0]):
            written -= len(rest.pop(0))
        if written:
            rest[0] = rest[0][written:]


def _opened_new(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o644)
