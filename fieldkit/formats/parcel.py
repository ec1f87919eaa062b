"""Parcels between laptops as a ZIP: `parcel.json` (who, how far), `events.jsonl`, `revisions.jsonl`, `files/`.

It is only ever read after its signatures held; even so nothing in it is believed that does not have its form.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Event
from fieldkit.domain.exchange.revisions import Reach, Revision
from fieldkit.domain.exchange.shared_kinds import IN_ORDER
from fieldkit.ports.exchange import Chain, Parcel

VERSION = 1
MOST_BYTES = 1024**3  # unpacked
_HEAD, _EVENTS, _REVISIONS, _FILES = "parcel.json", "events.jsonl", "revisions.jsonl", "files/"
_EPOCH = (1980, 1, 1, 0, 0, 0)

_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0)]
_Line = TypeVar("_Line", bound=BaseModel)


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Reach(_Form):
    revision: _Count
    event: _Count


class _Chain(_Form):
    chain: Annotated[str, Field(min_length=1)]
    kit: Annotated[str, Field(min_length=1)]
    started_at: AwareDatetime


class _Head(_Form):
    version: int
    kit: Annotated[str, Field(min_length=1)]
    chain: Annotated[str, Field(min_length=1)]
    made_at: AwareDatetime
    made_by: str
    since: _Reach
    until: _Reach
    recipient: str
    seen: dict[str, _Reach]
    people: dict[str, str]
    chains: tuple[_Chain, ...]


class _Event(_Form):
    event_id: str
    kit: str
    chain: str
    sequence: Annotated[int, Field(ge=1)]
    actor: str
    at: AwareDatetime
    aggregate: str
    version: int
    kind: str
    payload: str
    previous: str
    digest: _Hex


class _Revision(_Form):
    kind: str
    thing_id: Annotated[str, Field(min_length=1)]
    activity_id: str
    digest: _Hex
    body: str
    vector: Annotated[dict[str, tuple[Annotated[int, Field(ge=1)], ...]], Field(min_length=1)]
    kit: str
    actor: str
    at: AwareDatetime
    counts: dict[str, int] = Field(default_factory=dict)


class ParcelFiles:
    """Implements `ParcelCodec`."""

    def pack(self, parcel: Parcel) -> bytes:
        """Return the bytes of a parcel; the same parcel gives the same bytes."""
        head = _Head(
            version=VERSION,
            kit=parcel.kit,
            chain=parcel.chain,
            made_at=parcel.made_at,
            made_by=parcel.made_by,
            since=_reach(parcel.since),
            until=_reach(parcel.until),
            recipient=parcel.recipient,
            seen={chain: _reach(reach) for chain, reach in parcel.seen.items()},
            people=dict(parcel.people),
            chains=tuple(_Chain(chain=c.chain, kit=c.kit, started_at=c.started_at) for c in parcel.chains),
        )
        entries = {
            _HEAD: head.model_dump_json().encode(),
            _EVENTS: _lines(_Event(**_slots(event)) for event in parcel.events),
            _REVISIONS: _lines(_Revision(**_slots(revision)) for revision in parcel.revisions),
            **{f"{_FILES}{digest}": content for digest, content in sorted(parcel.files.items())},
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    def unpack(self, content: bytes) -> Parcel:
        """Read one. Raise `InputError("exchange.broken")` or `InputError("exchange.newer")`."""
        try:
            entries = _entries(content)
            if json.loads(entries[_HEAD])["version"] != VERSION:
                raise InputError("exchange.newer")
            head = _Head.model_validate_json(entries[_HEAD])
            came = tuple(_read(entries[_REVISIONS], _Revision))
            if any(revision.kind not in IN_ORDER for revision in came):
                raise InputError("exchange.newer")
            return Parcel(
                kit=head.kit,
                chain=head.chain,
                made_at=head.made_at,
                made_by=head.made_by,
                since=Reach(head.since.revision, head.since.event),
                until=Reach(head.until.revision, head.until.event),
                recipient=head.recipient,
                seen={chain: Reach(reach.revision, reach.event) for chain, reach in head.seen.items()},
                people=head.people,
                chains=tuple(Chain(c.chain, c.kit, c.started_at) for c in head.chains),
                events=tuple(Event(**_fields(event)) for event in _read(entries[_EVENTS], _Event)),
                revisions=tuple(Revision(**_fields(revision)) for revision in came),
                files={n.removeprefix(_FILES): body for n, body in entries.items() if n.startswith(_FILES)},
            )
        except (zipfile.BadZipFile, zlib.error, ValidationError, ValueError, KeyError, TypeError) as error:
            raise InputError("exchange.broken") from error


def _entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise InputError("exchange.broken")
        return {name: archive.read(name) for name in archive.namelist()}


def _lines(forms: Iterable[BaseModel]) -> bytes:
    return b"".join(form.model_dump_json().encode() + b"\n" for form in forms)


def _read(content: bytes, form: type[_Line]) -> Iterator[_Line]:
    for line in content.splitlines():
        yield form.model_validate_json(line)


def _slots(value: Event | Revision) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def _fields(form: BaseModel) -> dict[str, Any]:
    return {name: getattr(form, name) for name in type(form).model_fields}


def _reach(reach: Reach) -> _Reach:
    return _Reach(revision=reach.revision, event=reach.event)
