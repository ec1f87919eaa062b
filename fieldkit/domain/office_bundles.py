"""What the office sends down to its kits: signed, versioned bundles, of which a kit never goes back to an older one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fieldkit.domain.errors import InputError

# The version of the program that the office wants on its kits, and the package that it is.

DEB, EXE = "deb", "exe"  # for Debian, for Windows; each is a stream of its own
_PACKAGE = re.compile(r"fieldkit[_-](\d{1,4}\.\d{1,4}\.\d{1,4})(?:_[a-z0-9]{1,20}\.(deb)|-setup\.(exe))")


@dataclass(frozen=True, slots=True)
class OfferedProgram:
    """A package by its name, SHA-256 (hex) and size; installing it stays with the admin of the laptop."""

    version: str
    file: str
    sha256: str
    size_bytes: int

    def is_newer_than(self, version: str) -> bool:
        """Return whether it is later than a version."""
        return _numbers(self.version) > _numbers(version)


def package_of(file: str) -> tuple[str, str]:
    """Return version and kind of a package by its name. Raise `InputError("gateway.no_package")`."""
    found = _PACKAGE.fullmatch(file)
    if found is None:
        raise InputError("gateway.no_package", file=file)
    return found[1], found[2] or found[3]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


BUNDLE_TYP = "fieldkit-office+jwt"  # `typ` of the JWS that heads a bundle
SUFFIX = ".kantor"  # of a bundle's file on a stick: its JWS as one line, then the content


class BundleKind(StrEnum):
    """What a bundle holds; a kit takes them in this order."""

    REVOCATIONS = "revocations"  # serial numbers of certificates that count no longer
    AUTHORITY = "authority"  # a certificate by which the authority of the dinas, with the same key, lives longer
    USERS = "users"  # whom the office adds, and who may not sign in
    ACCOUNTS = "accounts"  # who works with the other laptops of the team, kept by the gateway
    POLICY = "policy"  # of recording: thresholds and attempts
    TABLES = "tables"  # codes of biodata
    SOP = "sop"
    LETTERHEAD = "letterhead"
    TARGETS = "targets"  # a list of people and the activity in which they are visited
    PROGRAM = "program"  # the wanted version of the program, and which package it is


# These name people: closed for the kits that they are for, so that nobody on the way reads them.
PERSONAL = frozenset({BundleKind.USERS, BundleKind.ACCOUNTS, BundleKind.TARGETS})
# These the gateway makes itself.
OF_GATEWAY = frozenset({BundleKind.REVOCATIONS, BundleKind.AUTHORITY, BundleKind.ACCOUNTS})


@dataclass(frozen=True, slots=True)
class OfficeBundle:
    """The signed head of a bundle. `sha256` and `size_bytes` are of the content as it travels."""

    kind: BundleKind
    name: str  # "" where there is but one of its kind
    version: int
    made_at: datetime
    gateway: str
    kits: tuple[str, ...]  # none: every kit of the dinas
    sha256: str
    size_bytes: int
    is_sealed: bool

    @property
    def stream(self) -> str:
        """Return what the versions of this bundle are counted by."""
        return stream_of(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class BundleStanding:
    """Where a kit is with one stream: the version it goes by, 0 for none, and the last that it refused and why."""

    kind: BundleKind
    name: str
    version: int = 0
    made_at: datetime | None = None
    applied_at: datetime | None = None
    refused: int = 0
    code: str = ""

    @property
    def stream(self) -> str:
        """Return what the versions are counted by."""
        return stream_of(self.kind, self.name)


def stream_of(kind: BundleKind, name: str) -> str:
    """Return the name of a stream of versions."""
    return f"{kind.value}/{name}"
