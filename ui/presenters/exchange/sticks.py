"""Files for other laptops on a stick: the newest one is read, ours is written beside it."""

from __future__ import annotations

from contextlib import suppress

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.typed import path_of
from fieldkit.media.carried_files import write_file
from fieldkit.media.place import Place
from fieldkit.services.exchange.exchange import SUFFIX
from ui.presenters.readers import content_at

_MOST_BYTES = 1024**3


def read_bundle(typed: str, own: str) -> tuple[str, bytes]:
    """Return name and content of the file, or of the newest file of another kit in the folder.

    Raise `InputError`: `list.unreadable`, `exchange.nothing_there`. Blocks.
    """
    place = Place.of_file(path_of(typed))
    with suppress(OSError, ValueError):  # what cannot be looked at cannot be read either, which says why
        if place.path.is_dir():
            folder = Place(place.path)
            others = [
                file
                for file in folder.listed()
                if file.suffix == SUFFIX and file.is_file() and not file.name.startswith(f"{own}-")
            ]
            if not others:
                raise InputError("exchange.nothing_there", where=str(folder))
            place = max(others, key=lambda file: (file.look().st_mtime, file.name))
    return place.name, content_at(place, most=_MOST_BYTES)


def write_bundle(typed: str, name: str, content: bytes) -> str:
    """Keep a file in the folder, whole or not at all, and return where. Raise `InputError("exchange.not_written")`."""
    folder = path_of(typed)
    target = Place(folder.parent if folder.suffix == SUFFIX else folder) / name
    try:
        target.parent.sweep()
        write_file(target, content)
    except (KnownError, ValueError) as error:
        raise InputError("exchange.not_written", where=str(target.parent)) from error
    return str(target.path)
