"""Bytes of the gateway in an object store: a folder or S3 behind the same calls."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from fieldkit.domain.errors import InputError
from fieldkit.vault.durable import sync_folder

# Files of a folder that get their names when their bytes are on the disk: many names for one wait.

SEALED_FILE = "sealed"
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
        path, stays = self.folder / prepared.key, prepared.key.startswith(f"{SEALED_FILE}/")
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
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # else Windows writes line ends anew
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o644)


if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from obstore.store import RetryConfig

PARTS = "parts"
_PIECE_BYTES = 1024 * 1024
_BUFFER_BYTES = 8 * 1024 * 1024  # up to here an object is one request to S3, above it a multipart upload


@dataclass(frozen=True, slots=True)
class Content:
    """What an object holds: its size in bytes and its SHA-256 in hex."""

    size_bytes: int
    sha256: str


# A kit waits at the other end: whatever the store does not answer soon, the kit tries again itself.
_RETRIES: RetryConfig = {"max_retries": 4, "retry_timeout": timedelta(seconds=15)}


class ContentDiffersError(Exception):
    """What was to be stored is not what was promised; nothing was stored."""


class ObjectsAwayError(OSError):
    """The store does not answer, or not as it should: nothing is known of any object."""


class Blobs:
    """Immutable objects. A folder is fsynced before a put returns: a receipt must survive a power cut.

    Every method raises `FileNotFoundError` for an object that is not there, and `OSError` when the store does not
    answer: from S3 `ObjectsAwayError`.
    """

    def __init__(self, store: ObjectStore, folder: Path | None) -> None:
        self._store = store
        self._folder = folder
        self._files = None if folder is None else NamedFiles(folder)

    @classmethod
    def in_folder(cls, folder: Path) -> Blobs:
        """Return the store in a local folder, made when missing."""
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)
        return cls(LocalStore(folder, automatic_cleanup=True), folder)

    @classmethod
    def at_url(cls, url: str) -> Blobs:
        """Return the store behind an URL such as `s3://bucket/prefix`; credentials come from the environment.

        Raise `InputError("gateway.objects_address")` for what is no such URL.
        """
        try:
            return cls(from_url(url, retry_config=_RETRIES), None)
        except (BaseError, ValueError) as error:
            raise InputError("gateway.objects_address", url=url) from error

    def put(self, key: str, *pieces: bytes) -> None:
        """Store an object durably; joined are its pieces for S3 only, which wants them so."""
        self._named(self.prepare(key, *pieces))

    def put_checked(self, key: str, pieces: Iterable[bytes], promised: Content) -> None:
        """Store an object durably piece by piece. Raise `ContentDiffersError` when it is not what was promised.

        Under its key an object is there as a whole or not at all: what lay there before stays until then.
        """
        self._named(self.prepare_checked(key, pieces, promised))

    def _named(self, prepared: Sequence[Prepared]) -> None:
        for error in self.name(*prepared).values():
            raise error

    def prepare(self, key: str, *pieces: bytes) -> Sequence[Prepared]:
        """Bring the bytes of an object to the disk and return what is left to name: nothing where the store did."""
        if self._files is None:
            with _os_errors():
                obstore.put(self._store, key, b"".join(pieces))
            return ()
        with self._files.incoming(key) as (prepared, file):
            write_all(file, *pieces)
        return (prepared,)

    def prepare_checked(self, key: str, pieces: Iterable[bytes], promised: Content) -> Sequence[Prepared]:
        """Do the same as `put_checked`, but for the name."""
        if self._files is None:
            # Not `put` of an iterator: obstore asks it from within, where the pieces of another object cannot be read.
            # What is not closed never gets its name; parts of more than a buffer fall to the bucket's rule for these.
            with _os_errors():
                writer = obstore.open_writer(self._store, key, buffer_size=_BUFFER_BYTES, max_concurrency=1)
            for piece in checked(pieces, promised):
                with _os_errors():
                    writer.write(piece)
            with _os_errors():
                writer.close()
            return ()
        with self._files.incoming(key) as (prepared, file):
            for piece in checked(pieces, promised):
                write_all(file, piece)
        return (prepared,)

    def name(self, *prepared: Prepared) -> dict[Prepared, OSError]:
        """Give objects their keys, durably; return which have none, and why. They are forgotten, but for grown ones."""
        return {} if self._files is None else self._files.name(prepared)

    @property
    def is_near(self) -> bool:
        """Whether the size of an object costs no question over a network."""
        return self._folder is not None

    @property
    def grows(self) -> bool:
        """Whether an object can be written at its end: then the parts of an upload are one file from the beginning."""
        return self._folder is not None and sys.platform != "win32"

    @contextmanager
    def growing(self, key: str, *, is_new: bool) -> Iterator[GrowingObject]:
        """Give an object to write to; whoever else wants the same one waits, in any process.

        Raise `FileNotFoundError` for one that should be there and is not, or not as long as it was.
        """
        assert self._files is not None
        path = self._files.folder / key
        file = _created(path) if is_new else os.open(path, os.O_RDWR)
        try:
            if is_new:
                for place in self._files.folders_to(path):
                    sync_folder(place)
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)
            yield GrowingObject(file)
        finally:
            os.close(file)

    def prepare_grown(self, part: str, key: str, promised: Content) -> Sequence[Prepared]:
        """Return a grown object to be given its final key, if it is what was promised. Raise `ContentDiffersError`.

        No byte is copied. Bytes of it are acknowledged already: the way to the new name is there first, then the name,
        which takes the old one with it, so that no power cut finds them between the two.
        """
        assert self._folder is not None
        content = self.content(part)
        if content != promised:
            raise ContentDiffersError
        return (Prepared(self._folder / part, key, is_grown=True),)

    def get(self, key: str) -> bytes:
        """Return an object."""
        return b"".join(self.pieces(key))

    def pieces(self, key: str) -> Iterator[bytes]:
        """Yield an object in pieces of about a megabyte."""
        if self._folder is not None:  # read by ourselves: a bad sector keeps its number (EIO)
            with (self._folder / key).open("rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece
            return
        with _os_errors():
            for piece in obstore.get(self._store, key).stream(min_chunk_size=_PIECE_BYTES):
                yield bytes(piece)

    def content(self, key: str, before: bytes = b"") -> Content:
        """Read an object and return what it holds now; `before` goes into the digest ahead of it."""
        digest, size = hashlib.sha256(before), 0
        for piece in self.pieces(key):
            digest.update(piece)
            size += len(piece)
        return Content(size, digest.hexdigest())

    def size(self, key: str) -> int:
        """Return the size of an object in bytes without reading it."""
        if self._folder is not None:
            return (self._folder / key).stat().st_size
        with _os_errors():
            return int(obstore.head(self._store, key)["size"])

    def delete(self, *keys: str) -> None:
        """Remove objects; one that is gone already is no error."""
        if self._folder is None:
            with suppress(FileNotFoundError), _os_errors():
                if keys:
                    obstore.delete(self._store, keys)
            return
        for key in keys:
            if key.startswith(f"{SEALED_FILE}/"):
                # Its folders stay: without them the whole store would look as if it were away.
                with suppress(FileNotFoundError):
                    (self._folder / key).unlink()
                    sync_folder((self._folder / key).parent)
            else:
                with suppress(FileNotFoundError), _os_errors():
                    obstore.delete(self._store, key)

    def keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below a prefix."""
        with _os_errors():
            for page in obstore.list(self._store, prefix):
                for entry in page:
                    yield entry["path"]

    def older_than(self, prefix: str, before: datetime) -> list[str]:
        """List the keys below a prefix that were last written before a time."""
        with _os_errors():
            pages = obstore.list(self._store, prefix)
            return [entry["path"] for page in pages for entry in page if entry["last_modified"] < before]

    def free_bytes(self) -> int | None:
        """Return the space left on the disk, None where an object store has no such bound."""
        return None if self._folder is None else shutil.disk_usage(self._folder).free

    def is_away(self) -> bool:
        """Whether the whole store is out of reach, as a disk that is not mounted: then no object is called lost."""
        if self._folder is not None:
            return not (self._folder / SEALED_FILE).is_dir()
        try:
            return next(self.keys(SEALED_FILE), None) is None  # also a bucket of another name
        except OSError:
            return True


class GrowingObject:
    """An object that this request alone writes to."""

    def __init__(self, file: int) -> None:
        self._file = file

    def write(self, offset: int, content: bytes) -> None:
        """Write durably; what stood behind the offset came from somebody who died and counts no more."""
        if os.fstat(self._file).st_size < offset:
            raise FileNotFoundError(errno.ENOENT, "the part is too short")
        os.ftruncate(self._file, offset)
        os.lseek(self._file, offset, os.SEEK_SET)
        write_all(self._file, content)
        os.fsync(self._file)


def sealed_key(sha256: str, announced_at: datetime) -> str:
    """Return the key of a sealed file. The rows keep it: up to version 0.2 it was `sealed/ab/cd/abcd…`.

    Records that are announced on one day come to one folder, so that those that come together wait for it once.
    """
    return f"{SEALED_FILE}/{announced_at:%Y-%m-%d}/{sha256}"


def new_part_key(record_id: str, start: int) -> str:
    """Return a key for a part that no other request can hold, even one for the same bytes."""
    return f"{PARTS}/{record_id}/{start:012d}-{uuid4().hex}"


def _created(path: Path) -> int:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # the last upload from this folder went away just now
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def checked(pieces: Iterable[bytes], promised: Content) -> Iterator[bytes]:
    """Yield the pieces on, no more than were promised. Raise `ContentDiffersError` at the end."""
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if size > promised.size_bytes:
            break
        yield piece
    if Content(size, digest.hexdigest()) != promised:
        raise ContentDiffersError


@contextmanager
def _os_errors() -> Iterator[None]:
    """Turn the object store's own tree of errors into the one that Python has for it."""
    try:
        yield
    except FileNotFoundError:
        raise
    except BaseError as error:
        raise ObjectsAwayError(type(error).__name__) from error
