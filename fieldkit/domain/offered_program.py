"""The version of the program that the office wants on its kits, and the package that it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fieldkit.domain.errors import InputError

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
