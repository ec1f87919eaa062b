"""Files that a person names by typing or pasting their path."""

from __future__ import annotations

from pathlib import Path

from fieldkit.domain.errors import InputError

MOST_BYTES = 25_000_000  # more than any list or scan may have; the services have limits of their own


def read_file(path: str) -> tuple[str, bytes]:
    """Return name and content. Raise `InputError("list.unreadable")`. Blocks: run it off the thread of the window."""
    cleaned = path.strip().strip("\"'").removeprefix("file://")
    place = Path(cleaned)
    try:
        with place.expanduser().open("rb") as file:
            return place.name, file.read(MOST_BYTES)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError("list.unreadable", name=place.name or cleaned) from error
