"""`devices.toml` in the home of a kit: where its devices are, where a search does not find them or must not look."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fieldkit.domain.errors import InputError, reason_of

NAME = "devices.toml"
VENDOR = "vendor"  # tables [vendor.NAME] with the command of an adapter
GPS = "gps"  # no driver of the registry: it says where the kit is


_AT_LINE = re.compile(r"at line (\d+)")


class DriverAddresses(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    addresses: tuple[str, ...] = Field(default=(), strict=False)
    search: bool = True  # whether the driver also looks for devices by itself


class VendorAdapter(BaseModel):
    """One table `[vendor.NAME]`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    command: tuple[Annotated[str, Field(min_length=1)], ...] = Field(strict=False, min_length=1)


T = TypeVar("T")
_HEADER = re.compile(r"\s*\[\s*(?P<name>[^\]]+?)\s*\]")
_KEY = re.compile(r"\s*(?P<name>[\w.\"'-]+)\s*=")
_FILE: TypeAdapter[dict[str, DriverAddresses]] = TypeAdapter(dict[str, DriverAddresses])
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
_ADAPTERS: TypeAdapter[dict[str, VendorAdapter]] = TypeAdapter(dict[_Name, VendorAdapter])


def read_device_file(path: Path) -> Mapping[str, DriverAddresses]:
    """Return what the file says per driver; nothing without a file.

    Raise `InputError`: `devices_file.unreadable`, `devices_file.no_toml` with the line, `devices_file.wrong` naming
    line, field and mistake.
    """
    text, tables = _read(path)
    told = _checked(_FILE, {name: table for name, table in tables.items() if name != VENDOR}, path, text)
    known = known_drivers()
    for driver, said in told.items():
        if driver not in known:
            raise InputError(
                "devices_file.unknown_driver",
                file=str(path),
                line=line_of(text, driver),
                field=driver,
                known=", ".join(known),
            )
        for address in said.addresses:
            if reason := _mistake_in(driver, address):
                line = line_of(text, driver, "addresses")
                field = f"{driver}.addresses"
                raise InputError("devices_file.wrong", file=str(path), line=line, field=field, reason=reason)
    return told


def read_vendor_commands(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the command that starts each adapter, by the name that the file gives it. Raise `InputError`."""
    text, tables = _read(path)
    told = _checked(_ADAPTERS, tables.get(VENDOR, {}), path, text, VENDOR)
    return {name: adapter.command for name, adapter in told.items()}


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError):
        return "", {}
    except tomllib.TOMLDecodeError as error:  # whose words are English, but name the line
        line = _AT_LINE.search(str(error))
        wrong = int(line[1]) if line else len(text.splitlines())
        raise InputError("devices_file.no_toml", file=str(path), line=wrong) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("devices_file.unreadable", file=str(path), reason=reason_of(error)) from error


def _checked(shape: TypeAdapter[T], tables: object, path: Path, text: str, parent: str = "") -> T:
    try:
        return shape.validate_python(tables)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        table, *keys = [str(part) for part in first["loc"] if part != "[key]"] or [""]
        table = ".".join(part for part in (parent, table) if part)
        field, line = ".".join((table, *keys)), line_of(text, table, *keys)
        raise InputError(
            "devices_file.wrong", file=str(path), line=line, field=field, reason=_mistake(first["type"])
        ) from error


def _mistake(kind: str) -> str:
    """Return in words what pydantic found, as a key of `reason`."""
    if kind == "extra_forbidden":
        return "reason.unknown_field"
    return "reason.no_field" if kind == "missing" else "reason.wrong_form"


def _mistake_in(driver: str, address: str) -> str:
    """Return what is wrong with an address whatever is plugged in, "" for nothing."""
    from drivers.transport import split_url

    if not address.strip():
        return '""'
    try:
        match driver:
            case "sbi":
                from drivers.sbi.driver import base_url

                base_url(address)
            case "zfm":
                from drivers.zfm.driver import parse_address

                parse_address(address)
            case "pcsc":
                from drivers.pcsc.sam import application_of

                application_of(address)
            case "opencv":
                from drivers.opencv.driver import bare

                if not bare(address).strip():
                    return address
                split_url(bare(address))
            case _:
                split_url(address)
    except InputError:
        return address
    return ""


def line_of(text: str, table: str, key: str = "", *_: str) -> int:
    """Return the line, from 1, where a table or a key of it stands in TOML; the nearest line above where it is not."""
    best, current = 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            current = header["name"].strip("\"'")
            best = number if current == table else best
        elif named := _KEY.match(line):
            name = named["name"].strip("\"'")
            # `topaz = …` and `topaz.search = …` at the top stand for a table of that name.
            inner = name.removeprefix(f"{table}.") if not current else name
            if (not current and name.partition(".")[0] == table and inner in (key, table)) or (
                current == table and name == key
            ):
                return number
    return best


def known_drivers() -> tuple[str, ...]:
    """Return the names that a table may have: every installed driver, and the satellite receiver."""
    from drivers.registry import GROUP

    return (*sorted(entry.name for entry in entry_points(group=GROUP)), GPS)
