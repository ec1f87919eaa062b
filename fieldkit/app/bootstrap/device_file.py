"""`devices.toml` in the home of a kit: where its devices are, where a search does not find them or must not look."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from fieldkit.domain.errors import InputError

NAME = "devices.toml"
GPS = "gps"  # no driver of the registry: it says where the kit is


class DriverAddresses(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    addresses: tuple[str, ...] = Field(default=(), strict=False)
    search: bool = True  # whether the driver also looks for devices by itself


_HEADER = re.compile(r"\s*\[\s*(?P<name>[^\]]+?)\s*\]")
_KEY = re.compile(r"\s*(?P<name>[\w.\"'-]+)\s*=")
_FILE: TypeAdapter[dict[str, DriverAddresses]] = TypeAdapter(dict[str, DriverAddresses])


def read_device_file(path: Path) -> Mapping[str, DriverAddresses]:
    """Return what the file says per driver; nothing without a file.

    Raise `InputError`: `devices_file.unreadable`, or `devices_file.wrong` naming line, field and mistake.
    """
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("devices_file.unreadable", file=str(path), reason=str(error)) from error
    try:
        told = _FILE.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:  # its words name line and column
        raise InputError("devices_file.unreadable", file=str(path), reason=str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        line = line_of(text, *map(str, first["loc"]))
        raise InputError("devices_file.wrong", file=str(path), line=line, field=field, reason=first["msg"]) from error
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

                split_url(bare(address))
            case _:
                split_url(address)
    except InputError as error:
        return f"{address}: {error.problem.params['reason']}"
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
