"""What stands in the fields of a form, read as what it means; what cannot be read names its field."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeAlias, TypeVar

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import MaritalStatus
from fieldkit.domain.typed import chosen, optional, path_of, read_moment
from fieldkit.media.place import Place
from fieldkit.ports.clock import Clock
from fieldkit.ports.recording import SamplePictures
from fieldkit.services.sop.run_sop import UNREADABLE, EvidenceFile, evidence_of

T = TypeVar("T")
Values: TypeAlias = Mapping[str, str]

MOST_FILES = 2_000  # beside an export
MOST_LOOKED = 20_000  # files of any kind there: a whole disk is no export
_LISTS = (".csv", ".xlsx", ".xls", ".ods", ".html", ".json")
BETWEEN_FILES = ";"  # the paths of a field that takes several
MOST_BYTES = 25_000_000  # more than any list or scan may have; the services have limits of their own


def answer(values: Values, name: str, read: Callable[[str], T]) -> T:
    """Return what a field says. Raise the `InputError` of the reader, with the name of the field."""
    try:
        return read(values[name].strip())
    except InputError as error:
        raise error.at(name) from None


def line(values: Values, name: str) -> str:
    """Return what a field says as forms print it: in capitals, one blank between words."""
    return " ".join(values[name].split()).upper()


def read_marital_status(text: str) -> MaritalStatus:
    """Return what was chosen, by its code. Raise `InputError("typed.not_chosen")`."""
    return MaritalStatus(int(chosen(str)(text)))


def moments(clock: Clock, on: date | None = None) -> Callable[[str], datetime]:
    """Return the reader of moments in the time of the dinas; a clock time alone is one of the day `on`."""
    return lambda text: read_moment(text, on).replace(tzinfo=clock.local(clock.now()).tzinfo)


def moment(values: Values, name: str, clock: Clock) -> datetime | None:
    """Return the moment that a field says, None when it is empty. Raise `InputError("typed.moment")`."""
    return answer(values, name, optional(moments(clock)))


def photo_text(jpeg: bytes) -> str:
    """Return a photographed paper as it stands among the texts of its form."""
    return b64encode(jpeg).decode("ascii")


def papers(values: Values, name: str, refused: str = "list.unreadable") -> list[tuple[str, bytes]]:
    """Return name and content of the papers of a field, named between semicolons.

    A photographed one stands in `values` under its own name, any other is a file. Raise `InputError(refused)`. Blocks.
    """
    named = filter(None, map(str.strip, values[name].split(BETWEEN_FILES)))
    return [(each, b64decode(values[each])) if each in values else read_file(each, refused) for each in named]


def evidence(values: Values, name: str, pictures: SamplePictures) -> tuple[EvidenceFile, ...]:
    """Return the papers of a field as what shows an act. Raise `InputError("sop.evidence_unreadable")`. Blocks."""
    return answer(
        values, name, lambda _text: tuple(evidence_of(*each, pictures) for each in papers(values, name, UNREADABLE))
    )


def read_file(path: str, refused: str = "list.unreadable", most: int = MOST_BYTES) -> tuple[str, bytes]:
    """Return name and content, one byte more than `most` of a file that is longer.

    Raise `InputError(refused)`. Blocks: run it off the thread of the window.
    """
    place = path_of(path)
    return place.name, content_at(Place.of_file(place), refused, most)


def content_at(place: Place, refused: str = "list.unreadable", most: int = MOST_BYTES) -> bytes:
    """Return the content of a place as `read_file` does; a link, a pipe or a device is no file. Blocks."""
    try:
        return place.head(most + 1)
    except (OSError, ValueError) as error:
        raise InputError(refused, name=place.name or str(place), path=str(place)) from error


def files_beside(path: str, endings: tuple[str, ...], most: int = MOST_FILES) -> tuple[Place, list[Place]]:
    """Return the list that a path names, or the only one in its folder, and the files of these endings beside it.

    Folders inside are looked through too. Raise `InputError`: `export.no_list`, `export.many_lists`,
    `export.many_files`, `list.unreadable`. Blocks.
    """
    typed = path_of(path)
    try:
        is_folder = typed.is_dir()
        folder, place = Place(typed if is_folder else typed.parent), Place.of_file(typed)
        lists = [each for each in folder.listed() if each.suffix.lower() in _LISTS] if is_folder else [place]
        if len(lists) != 1:
            raise InputError("export.many_lists" if lists else "export.no_list", name=place.name)
        if not lists[0].is_file():
            raise InputError("list.unreadable", name=lists[0].name, path=str(lists[0]))
        found = []
        for looked, each in enumerate(folder.walk(lambda _place, _error: None)):
            if each.suffix.lower() in endings and each not in lists and each.is_file():
                found.append(each)
            if len(found) > most or looked >= MOST_LOOKED:
                limit = most if len(found) > most else MOST_LOOKED
                raise InputError("export.many_files", name=folder.name, limit=limit)
    except (OSError, ValueError) as error:
        raise InputError("list.unreadable", name=typed.name or path.strip(), path=str(typed)) from error
    return lists[0], sorted(found)
