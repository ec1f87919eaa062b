"""Bundles between laptops as a ZIP: `bundle.json` (who, how far), `events.jsonl`, `revisions.jsonl`, `files/`.

It is only ever read after its signatures held; even so nothing in it is believed that does not have its form.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Event
from fieldkit.domain.exchange import IN_ORDER, Revision, Watermark
from fieldkit.domain.letters.letter import LetterKind, check_pattern
from fieldkit.domain.office_bundles import OfferedProgram, package_of
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.ports.exchange import Bundle, Chain

VERSION = 1
MOST_BYTES = 1024**3  # unpacked
SMALL_BYTES, MOST_TIMES = 16_000_000, 60  # lines of a log pack to a tenth, the same line again and again to a fortieth
_HEAD, _EVENTS, _REVISIONS, _FILES = "parcel.json", "events.jsonl", "revisions.jsonl", "files/"
_EPOCH = (1980, 1, 1, 0, 0, 0)

_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0)]
_Line = TypeVar("_Line", bound=BaseModel)


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Watermark(_Form):
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
    since: _Watermark
    until: _Watermark
    recipient: str
    seen: dict[str, _Watermark]
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


class BundleFiles:
    """Implements `BundleCodec`."""

    def pack(self, bundle: Bundle) -> bytes:
        """Return the bytes of a bundle; the same bundle gives the same bytes."""
        head = _Head(
            version=VERSION,
            kit=bundle.kit,
            chain=bundle.chain,
            made_at=bundle.made_at,
            made_by=bundle.made_by,
            since=_watermark(bundle.since),
            until=_watermark(bundle.until),
            recipient=bundle.recipient,
            seen={chain: _watermark(watermark) for chain, watermark in bundle.seen.items()},
            people=dict(bundle.people),
            chains=tuple(_Chain(chain=c.chain, kit=c.kit, started_at=c.started_at) for c in bundle.chains),
        )
        entries = {
            _HEAD: head.model_dump_json().encode(),
            _EVENTS: _lines(_Event(**_slots(event)) for event in bundle.events),
            _REVISIONS: _lines(_Revision(**_slots(revision)) for revision in bundle.revisions),
            **{f"{_FILES}{digest}": content for digest, content in sorted(bundle.files.items())},
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()

    def unpack(self, content: bytes) -> Bundle:
        """Read one. Raise `InputError`: `exchange.broken`, `exchange.too_big_inside`, `exchange.newer`."""
        try:
            entries = _entries(content)
            if json.loads(entries[_HEAD])["version"] != VERSION:
                raise InputError("exchange.newer")
            head = _Head.model_validate_json(entries[_HEAD])
            came = tuple(_read(entries[_REVISIONS], _Revision))
            if any(revision.kind not in IN_ORDER for revision in came):
                raise InputError("exchange.newer")
            return Bundle(
                kit=head.kit,
                chain=head.chain,
                made_at=head.made_at,
                made_by=head.made_by,
                since=Watermark(head.since.revision, head.since.event),
                until=Watermark(head.until.revision, head.until.event),
                recipient=head.recipient,
                seen={chain: Watermark(watermark.revision, watermark.event) for chain, watermark in head.seen.items()},
                people=head.people,
                chains=tuple(Chain(c.chain, c.kit, c.started_at) for c in head.chains),
                events=tuple(Event(**_fields(event)) for event in _read(entries[_EVENTS], _Event)),
                revisions=tuple(Revision(**_fields(revision)) for revision in came),
                files={n.removeprefix(_FILES): body for n, body in entries.items() if n.startswith(_FILES)},
            )
        except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, RuntimeError, EOFError) as error:
            raise InputError("exchange.broken") from error


def _entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in archive.infolist()):
            raise zipfile.BadZipFile("no entry of ours")
        size = sum(entry.file_size for entry in archive.infolist())
        if size > min(MOST_BYTES, SMALL_BYTES + MOST_TIMES * len(content)):
            raise InputError("exchange.too_big_inside")
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


def _watermark(watermark: Watermark) -> _Watermark:
    return _Watermark(revision=watermark.revision, event=watermark.event)


# Reads what the office writes for its kits: who may sign in, the letterhead, target lists with their activity.

_ContentForm = TypeVar("_ContentForm", bound=BaseModel)
_Text = Annotated[str, Field(max_length=300)]


class _Strict(BaseModel):
    # A mistyped name must not pass for one that was left out.
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class _User(_Strict):
    user_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    name: Annotated[str, Field(max_length=200)] = ""
    role: Role | None = None
    disabled: bool = False

    @model_validator(mode="after")
    def _whole(self) -> _User:
        if bool(self.name) != (self.role is not None) or not self.name.isprintable():
            raise ValueError("a name without role, or a role without name")
        return self


class _Users(_Strict):
    users: tuple[_User, ...]


class LetterheadWords(_Strict):
    """What a letterhead says; head and logo stay with the kit."""

    dinas: Annotated[str, Field(min_length=1, max_length=300)]
    regency: _Text = ""
    address: _Text = ""
    contact: _Text = ""
    city: _Text = ""
    code: _Text = ""
    patterns: dict[str, str] = Field(default_factory=dict)


class TargetsFile(_Strict):
    """A target list as the office has it, and the activity in which these people are visited."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    place: Annotated[str, Field(min_length=1, max_length=120)]
    on: date
    mode: ModePerekaman = ModePerekaman.LURING
    file: Annotated[str, Field(pattern=r"^[^/\\\x00-\x1f]{1,200}$")]
    content: Base64Bytes


def read_targets(content: bytes) -> TargetsFile:
    """Return a target list. Raise `InputError("office.content")`."""
    try:
        return TargetsFile.model_validate_json(content)
    except ValidationError as error:
        raise InputError("office.content") from error


def write_targets(name: str, place: str, on: date, file: str, content: bytes) -> bytes:
    """Return the content of a bundle. Raise `InputError("office.content")`."""
    head = {"name": name, "place": place, "on": on.isoformat(), "file": file}
    made = json.dumps({**head, "content": base64.b64encode(content).decode()}).encode()
    read_targets(made)
    return made


class _Program(_Strict):
    version: Annotated[str, Field(max_length=20)]
    file: Annotated[str, Field(max_length=100)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Annotated[int, Field(gt=0, le=2**40)]


def read_program(content: bytes) -> OfferedProgram:
    """Return the version that the office wants. Raise `InputError`: `office.content`, `gateway.no_package`."""
    said = _read_content(content, _Program)
    if package_of(said.file)[0] != said.version:
        raise InputError("office.content")
    return OfferedProgram(said.version, said.file, said.sha256, said.size_bytes)


def write_program(offered: OfferedProgram) -> bytes:
    """Return the content of a bundle."""
    return json.dumps(asdict(offered)).encode()


def read_users(content: bytes) -> tuple[list[User], list[str]]:
    """Return who is to work with these kits, and the ids of who may not sign in. Raise `InputError("office.content")`.

    Who stands there by the id alone and is not disabled is left as he is.
    """
    listed = _read_content(content, _Users).users
    if len({user.user_id for user in listed}) != len(listed):
        raise InputError("office.content")
    wanted = [User(user.user_id, user.name, user.role) for user in listed if user.role and not user.disabled]
    return wanted, [user.user_id for user in listed if user.disabled]


def read_letterhead(content: bytes) -> LetterheadWords:
    """Return the words of a letterhead. Raise `InputError`: `office.content`, or what is wrong with a pattern."""
    words = _read_content(content, LetterheadWords)
    for kind, pattern in words.patterns.items():
        if kind not in set(LetterKind):
            raise InputError("letter.unknown", letter=kind)
        check_pattern(pattern)
    return words


def _read_content(content: bytes, form: type[_ContentForm]) -> _ContentForm:
    try:
        value: Any = yaml.safe_load(content.decode("utf-8-sig"))
        return form.model_validate(value)
    except (ValueError, yaml.YAMLError, RecursionError) as error:  # also a day that no calendar has
        raise InputError("office.content") from error
