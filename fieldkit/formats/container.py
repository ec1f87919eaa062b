"""The record container: a stored ZIP of `enrollment.json`, samples, events and `contents.json` with their digests.

The same draft gives the same bytes, and reading accepts exactly those bytes that writing would give for the entries
found: nothing can hide between, before or behind them. Each sample stands there once, also where a device signed it.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import SampleFormat, StepKind
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import ChainLink, RecordDraft, RecordSample
from fieldkit.formats.osia import SIGNATURE_PPI, enrollment, paper_file
from fieldkit.formats.signature import (
    Detached,
    attach_signatures,
    decode_signature,
    detach_signatures,
    render_signature_png,
)

MAX_BYTES = 64_000_000
MAX_ENTRIES = 100
# 1: the log of the recording could have gaps that nobody stated; 2: what a device signed held the sample again; 3: acts
# of authority were not signed, and a program that knows no later one would not look at their signatures.
VERSION, _DETACHED_SINCE = 4, 3
NEWER = "record.newer"

_CONTENTS, _ENROLLMENT, _EVENTS = "contents.json", "enrollment.json", "events.jsonl"
_NAME = re.compile(
    r"enrollment\.json|events\.jsonl"
    rf"|samples/({'|'.join(Position)})(\.confirmation)?\.(fir|fac|iir|png|json|jws|cer)"
    r"|samples/exception-[1-9][0-9]?\.jpg"
    r"|samples/(witness|attendant)-[1-9][0-9]?\.(png|json)"
    r"|documents/[a-z_]{1,40}\.pdf"
)
_POSITIONS = frozenset(Position)  # ink of others has names of its own
_EPOCH = (1980, 1, 1, 0, 0, 0)  # ZIP knows no earlier time
_EXTENSIONS = {
    SampleFormat.ISO_19794_4: "fir",
    SampleFormat.ISO_19794_5: "fac",
    SampleFormat.ISO_19794_6: "iir",
    SampleFormat.SIGNATURE_STROKES: "png",
}
_FORMATS = {
    "fir": SampleFormat.ISO_19794_4,
    "fac": SampleFormat.ISO_19794_5,
    "iir": SampleFormat.ISO_19794_6,
    "json": SampleFormat.SIGNATURE_STROKES,
}


class _Entry(BaseModel):
    """Digest and size are those of the bytes that are stored."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int = Field(ge=0, le=MAX_BYTES)
    detached: Detached | None = None


class _Versioned(BaseModel):
    model_config = ConfigDict(strict=True)

    version: int = Field(ge=1)


class _Contents(_Versioned):
    model_config = ConfigDict(extra="forbid", strict=True)

    record_id: str = Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    kit: str = Field(min_length=1, max_length=200)
    chain: str = Field(min_length=1, max_length=200)
    sequence: int = Field(ge=1)
    previous: str = Field(pattern=r"^([0-9a-f]{64})?$")
    entries: dict[str, _Entry]


@dataclass(frozen=True, slots=True)
class OpenedSample:
    """A sample found in a container; the signature comes as strokes, its picture stands in the entries."""

    position: Position
    format: SampleFormat
    data: bytes
    is_confirmation: bool = False


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """A container whose digests hold. `entries` maps file names to bytes, each JWS whole; no `contents.json`."""

    record_id: str
    kit_id: str
    link: ChainLink
    enrollment: Mapping[str, Any]
    entries: Mapping[str, bytes]
    version: int = VERSION

    @property
    def nik(self) -> str:
        """Return the 16 digits, "" of somebody who has no NIK yet."""
        return str(self.enrollment["biographicData"]["nik"])

    @property
    def provisional(self) -> str:
        """Return the kit's number of somebody who has no NIK yet, "" of everybody else."""
        return str(self.enrollment["biographicData"].get("nomorSementara", ""))

    @property
    def amends(self) -> str:
        """Return the id of the record that this one corrects, or ""."""
        return str(self.enrollment.get("requestData", {}).get("amends", ""))

    @property
    def samples(self) -> tuple[OpenedSample, ...]:
        """Return the samples in the order of the positions."""
        found = []
        for name, data in self.entries.items():
            stem, _, extension = name.removeprefix("samples/").rpartition(".")
            stem, is_confirmation = stem.removesuffix(".confirmation"), stem.endswith(".confirmation")
            if name.startswith("samples/") and extension in _FORMATS and stem in _POSITIONS:
                position = Position(stem)
                found.append(OpenedSample(position, _FORMATS[extension], data, is_confirmation))
        order = list(Position)
        return tuple(sorted(found, key=lambda s: (order.index(s.position), s.is_confirmation)))


class ContainerCodec:
    """The port `RecordCodec`."""

    def write(self, draft: RecordDraft) -> bytes:
        """Return the container."""
        return write_container(draft)


def write_container(draft: RecordDraft) -> bytes:
    """Return the container of a draft. Raise `InputError` when a signature in it cannot be drawn."""
    files = {_file_name(kept): kept for kept in draft.samples}
    if len(files) != len(draft.samples):
        raise ValueError("two samples of one position and step")
    photos = {f"samples/exception-{number}.jpg": photo for number, photo in enumerate(draft.photos, 1)}
    inks = {f"samples/{each.ink.wanted.role}-{number}": each for number, each in enumerate(draft.inks, 1)}
    photo_files = {photo.photo_id: name for name, photo in photos.items()}
    entries = {
        _ENROLLMENT: _json(enrollment(draft, files, photo_files, {stem: each.ink for stem, each in inks.items()})),
        _EVENTS: "".join(f"{line}\n" for line in draft.events).encode(),
    }
    for name, kept in files.items():
        entries |= _sample_entries(name, kept)
    entries |= {name: photo.jpeg for name, photo in photos.items()}
    for stem, each in inks.items():
        entries |= _stroke_entries(stem, each.strokes)
    entries |= {paper_file(kind): pdf for kind, pdf in draft.papers.items()}
    return _packed(entries, draft.record_id, draft.context.kit_id, draft.link)


def read_container(data: bytes) -> OpenedRecord:
    """Return the verified content. Raise `InputError` for anything that writing would not have given.

    A container of a newer program is `record.newer` (version, known): nothing is known against it.
    """
    stored = _unpack(data)
    contents = _contents(stored.pop(_CONTENTS, b""))
    if not all(map(_NAME.fullmatch, stored)):
        raise InputError("record.unexpected_entry")
    if contents.entries.keys() != stored.keys():
        raise InputError("record.entries_differ")
    for name, entry in contents.entries.items():
        if entry.bytes != len(stored[name]) or entry.sha256 != _digest(stored[name]):
            raise InputError("record.digest_differs", entry=name)
    shortened = {name: entry.detached for name, entry in contents.entries.items() if entry.detached}
    entries = attach_signatures(stored, shortened, MAX_BYTES)
    link = ChainLink(contents.chain, contents.sequence, contents.previous)
    if _packed(entries, contents.record_id, contents.kit, link, contents.version) != data:
        raise InputError("record.not_canonical")
    read = _enrollment(entries, contents.record_id)
    return OpenedRecord(contents.record_id, contents.kit, link, read, entries, contents.version)


def _file_name(kept: RecordSample) -> str:
    suffix = ".confirmation" if kept.step is StepKind.CONFIRMATION else ""
    return f"samples/{kept.sample.position}{suffix}.{_EXTENSIONS[kept.sample.format]}"


def _sample_entries(name: str, kept: RecordSample) -> dict[str, bytes]:
    sample, stem = kept.sample, name.rpartition(".")[0]
    if sample.format is SampleFormat.SIGNATURE_STROKES:
        entries = _stroke_entries(stem, sample.data)
    else:
        entries = {name: sample.data}
    if sample.evidence is not None:
        entries[f"{stem}.jws"] = sample.evidence.jws.encode()
        entries[f"{stem}.cer"] = sample.evidence.certificate_der
    return entries


def _stroke_entries(stem: str, strokes: bytes) -> dict[str, bytes]:
    return {f"{stem}.png": render_signature_png(decode_signature(strokes), SIGNATURE_PPI), f"{stem}.json": strokes}


def _packed(entries: Mapping[str, bytes], record_id: str, kit: str, link: ChainLink, version: int = VERSION) -> bytes:
    stored, shortened = detach_signatures(entries) if version >= _DETACHED_SINCE else (entries, {})
    contents = _Contents(
        version=version,
        record_id=record_id,
        kit=kit,
        chain=link.chain,
        sequence=link.sequence,
        previous=link.previous,
        entries={
            name: _Entry(sha256=_digest(data), bytes=len(data), detached=shortened.get(name))
            for name, data in sorted(stored.items())
        },
    )
    out = BytesIO()
    everything = {_CONTENTS: _json(contents.model_dump(exclude_none=True)), **dict(sorted(stored.items()))}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in everything.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # the same bytes on every operating system
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _contents(listed: bytes) -> _Contents:
    try:
        version = _Versioned.model_validate_json(listed).version
        if version > VERSION:
            raise InputError(NEWER, version=version, known=VERSION)
        return _Contents.model_validate_json(listed)
    except ValidationError as damage:
        raise InputError("record.contents_unreadable") from damage


def _unpack(data: bytes) -> dict[str, bytes]:
    if len(data) > MAX_BYTES:
        raise InputError("record.too_large", limit=MAX_BYTES)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            listed = archive.infolist()
            _check_entries(listed, len(data))
            return {entry.filename: archive.read(entry) for entry in listed}
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, EOFError, RuntimeError, struct.error) as damage:
        raise InputError("record.unreadable") from damage


def _check_entries(listed: list[zipfile.ZipInfo], size: int) -> None:
    names = [entry.filename for entry in listed]
    if len(listed) > MAX_ENTRIES or len(set(names)) != len(names):
        raise InputError("record.entries_differ")
    for entry in listed:
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise InputError("record.not_canonical")
    if sum(entry.file_size for entry in listed) > size:
        raise InputError("record.not_canonical")


def _enrollment(entries: Mapping[str, bytes], record_id: str) -> Mapping[str, Any]:
    try:
        read = json.loads(entries.get(_ENROLLMENT, b""))
        nik = read["biographicData"]["nik"]
        is_ours = read["enrollmentId"] == record_id and isinstance(nik, str)
    except (ValueError, KeyError, TypeError, RecursionError) as damage:
        raise InputError("record.enrollment_unreadable") from damage
    if not is_ours:
        raise InputError("record.enrollment_unreadable")
    return dict(read)


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
