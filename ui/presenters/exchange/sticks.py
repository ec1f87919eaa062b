"""The folder of a USB stick: which bundles of other laptops lie there, and a new one beside them."""

from __future__ import annotations

import os

from fieldkit.domain.errors import InputError
from fieldkit.domain.typed import path_of
from fieldkit.services.exchange.exchange import SUFFIX
from ui.presenters.readers import read_file

MOST_BYTES = 1024**3


def read_bundle(typed: str, own: str) -> tuple[str, bytes]:
    """Return name and content of the file, or of the newest file of another kit in the folder.

    Raise `InputError`: `list.unreadable`, `exchange.nothing_there`. Blocks.
    """
    place = path_of(typed)
    try:
        if place.is_dir():
            others = [file for file in place.glob(f"*{SUFFIX}") if not file.name.startswith(f"{own}-")]
            if not others:
                raise InputError("exchange.nothing_there", where=str(place))
            place = max(others, key=lambda file: (file.stat().st_mtime, file.name))
    except (OSError, ValueError) as error:
        raise InputError("list.unreadable", name=place.name or typed) from error
    return read_file(str(place), most=MOST_BYTES)


def write_bundle(typed: str, name: str, content: bytes) -> str:
    """Keep a file in the folder, whole or not at all, and return where. Raise `InputError("exchange.not_written")`."""
    folder = path_of(typed)
    folder = folder.parent if folder.suffix == SUFFIX else folder
    unfinished = folder / f"{name}.part"
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
    except (OSError, ValueError) as error:
        raise InputError("exchange.not_written", where=str(folder)) from error
    return str(folder / name)
