"""Reads what the office writes for its kits: who may sign in, the letterhead, target lists with their activity."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError, model_validator

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.letterhead import check_pattern
from fieldkit.domain.offered_program import OfferedProgram, package_of
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.planning.outreach import ModePerekaman

_Form = TypeVar("_Form", bound=BaseModel)
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
    said = _read(content, _Program)
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
    listed = _read(content, _Users).users
    if len({user.user_id for user in listed}) != len(listed):
        raise InputError("office.content")
    wanted = [User(user.user_id, user.name, user.role) for user in listed if user.role and not user.disabled]
    return wanted, [user.user_id for user in listed if user.disabled]


def read_letterhead(content: bytes) -> LetterheadWords:
    """Return the words of a letterhead. Raise `InputError`: `office.content`, or what is wrong with a pattern."""
    words = _read(content, LetterheadWords)
    for kind, pattern in words.patterns.items():
        if kind not in set(LetterKind):
            raise InputError("letter.unknown", letter=kind)
        check_pattern(pattern)
    return words


def _read(content: bytes, form: type[_Form]) -> _Form:
    try:
        value: Any = yaml.safe_load(content.decode("utf-8-sig"))
        return form.model_validate(value)
    except (ValueError, yaml.YAMLError, RecursionError) as error:  # also a day that no calendar has
        raise InputError("office.content") from error
