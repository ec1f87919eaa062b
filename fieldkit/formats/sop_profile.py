"""Reads the SOP of a kabupaten from YAML, and names every mistake with file, line and field.

The program never follows a profile that it did not understand as a whole: one mistake, and none of it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import ValidationError

from fieldkit.domain.applications import legs_in
from fieldkit.domain.errors import InputError, Problem, Recovery
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import DOES, SopProfile
from fieldkit.formats.marked_yaml import Marked, Path, Plain, YamlLineError, read_marked
from fieldkit.formats.sop_schema import YES, SopFile

# What pydantic calls it → what we say. Other types of errors do not come from these fields.
CODES = {
    "missing": "sop.file_missing",
    "extra_forbidden": "sop.file_unknown_field",
    "int_parsing": "sop.file_not_number",
    "int_type": "sop.file_not_number",
    "int_from_float": "sop.file_not_number",
    "int_parsing_size": "sop.file_not_number",
    "float_parsing": "sop.file_not_number",
    "float_type": "sop.file_not_number",
    "finite_number": "sop.file_not_number",
    "greater_than_equal": "sop.file_range",
    "less_than_equal": "sop.file_range",
    "value_error": "sop.file_not_day",  # days are the only values that are read by ourselves
    "date_type": "sop.file_not_day",
    "bool_parsing": "sop.file_not_yes_no",
    "bool_type": "sop.file_not_yes_no",
    "enum": "sop.file_not_choice",
    "string_type": "sop.file_not_text",
    "string_too_short": "sop.file_empty",
    "too_short": "sop.file_empty",
    "string_too_long": "sop.file_too_long",
    "too_long": "sop.file_too_long",
    "list_type": "sop.file_not_list",
    "dict_type": "sop.file_not_fields",
    "model_type": "sop.file_not_fields",
    "model_attributes_type": "sop.file_not_fields",
    "string_pattern_mismatch": "sop.file_pattern",
}


_LISTS = (
    *("dasar_hukum", "kualifikasi_pelaksana", "keterkaitan", "peralatan"),
    *("perlengkapan", "peringatan", "pencatatan", "persyaratan", "dokumen"),
)


class SopFileError(InputError):
    """A file that is no SOP; `mistakes` are all that was found, in the order of lines."""

    def __init__(self, mistakes: tuple[Problem, ...]) -> None:
        first = mistakes[0]
        super().__init__(first.code, recovery=first.recovery, **first.params)
        self.mistakes = mistakes


def read_profile(content: bytes, file: str) -> SopProfile:
    """Return the profile that a file holds; `file` is its name in messages. Raise `SopFileError`."""
    marked = _marked(content, file)
    found = [(path, "sop.file_twice", {"name": str(path[-1])}) for path in marked.twice]
    found += _cross_checks(marked.value)
    try:
        read: SopFile | None = SopFile.model_validate(marked.value)
    except ValidationError as error:
        read = None
        found += [_told(each) for each in error.errors(include_url=False)]
    if read is None or found:
        raise SopFileError(_sorted(found, marked, file))
    return read.profile()


def _marked(content: bytes, file: str) -> Marked:
    try:
        return read_marked(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SopFileError((Problem("sop.file_encoding", {"file": file, "line": line}),)) from error
    except YamlLineError as error:
        params: dict[str, str | int] = {"file": file, "line": error.line, "detail": error.detail}
        raise SopFileError((Problem("sop.file_yaml", params),)) from error


def _sorted(found: list[tuple[Path, str, dict[str, str]]], marked: Marked, file: str) -> tuple[Problem, ...]:
    placed = sorted(((marked.line(path), path, code, more) for path, code, more in found), key=lambda each: each[0])
    return tuple(
        Problem(code, {"file": file, "line": line, "field": _field(path), **more}, Recovery.CORRECT_INPUT)
        for line, path, code, more in placed
    )


def _field(path: Path) -> str:
    """Return a path as people count: `langkah 3 › waktu › menit`."""
    words = ""
    for part in path:
        words += f" {part + 1}" if isinstance(part, int) else f" › {part}" if words else part
    return words or "–"


def _told(error: Any) -> tuple[Path, str, dict[str, str]]:
    context = error.get("ctx", {})
    more = {
        "sop.file_not_choice": {"choices": str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")},
        "sop.file_range": {"limit": str(context.get("ge", context.get("le", "")))},
    }
    code = CODES[error["type"]]
    return tuple(part for part in error["loc"] if part != "[key]"), code, more.get(code, {})


def _cross_checks(value: Plain) -> Iterator[tuple[Path, str, dict[str, str]]]:
    """Yield what no single field can know: columns, steps and people that do not fit together."""
    top = value if isinstance(value, dict) else {}
    columns = _dict(top.get("peran"))
    steps = _items(top.get("langkah"))
    numbers = {str(no) for no in range(1, len(steps) + 1)}
    for name, column in columns.items():
        is_outside = _dict(column).get("luar") in YES
        wanted = "dicatat_oleh" if is_outside else "akun"
        roles = _dict(column).get(wanted) if isinstance(column, dict) else column
        if not _items(roles):
            yield ("peran", name, wanted), "sop.file_nobody_named", {"name": name}
        if not is_outside and _items(_dict(column).get("dicatat_oleh")):
            yield ("peran", name, "dicatat_oleh"), "sop.file_not_outside", {"name": name}
    yield from _document_checks(top)
    for index, step in enumerate(map(_dict, steps)):
        for path, code, more in _step_checks(step, index, len(steps), columns, numbers):
            yield ("langkah", index, *path), code, more
    for index, sla in enumerate(map(_dict, _items(top.get("sla")))):
        if (step_no := sla.get("langkah")) is not None and str(step_no) not in numbers:
            yield ("sla", index, "langkah"), "sop.file_step_unknown", {"step": str(step_no)}


def _document_checks(top: dict[str, Plain]) -> Iterator[tuple[Path, str, dict[str, str]]]:
    """Yield days before the one on which the document was made, and what stands in a list twice."""
    made = _day(top.get("tanggal_pembuatan"))
    for name in ("tanggal_revisi", "tanggal_efektif"):
        on = _day(top.get(name))
        if made is not None and on is not None and on < made:
            yield (name,), "sop.file_day_before", {"made": made.isoformat()}
    if _items(top.get("dokumen")) and not legs_in(_facts(top)):
        yield ("dokumen",), "sop.file_document_way", {}
    for name in _LISTS:
        words = [each if isinstance(each, str) else _dict(each).get("nama") for each in _items(top.get(name))]
        for path, code, more in _repeated(name, "", words):
            yield path[:2], code, more


def _facts(top: dict[str, Plain]) -> list[Fulfilment]:
    """Return the facts that the steps wait for, as far as they are spelled right."""
    groups = [group for step in _items(top.get("langkah")) for group in _items(_dict(step).get("dipenuhi_oleh"))]
    alone = [each for group in groups for each in (group, _dict(group).get("salah_satu"))]
    names = [name for each in alone for name in (each, *_items(each)) if isinstance(name, str)]
    return [Fulfilment(name) for name in names if name in set(Fulfilment)]


def _step_checks(
    step: dict[str, Plain], index: int, count: int, columns: dict[str, Plain], numbers: set[str]
) -> Iterator[tuple[Path, str, dict[str, str]]]:
    mine = str(step.get("urutan"))
    if mine.isdecimal() and int(mine) != index + 1:
        yield ("urutan",), "sop.file_step_order", {"expected": str(index + 1)}
    actors = [_dict(actor) for actor in _items(step.get("pelaksana"))]
    for place, actor in enumerate(actors):
        if isinstance(name := actor.get("peran"), str) and name not in columns:
            yield ("pelaksana", place, "peran"), "sop.file_column_unknown", {"name": name}
    is_end = step.get("terminator") in YES
    if not is_end and not any(actor.get("sebagai", DOES) == DOES for actor in actors):
        yield ("pelaksana",), "sop.file_nobody_does", {}
    if is_end and index + 1 < count:
        # Everything after it would wait for it, and it waits for everything.
        yield ("terminator",), "sop.file_end_in_between", {}
    named: list[tuple[Path, Plain]] = [(("bersama", n), no) for n, no in enumerate(_items(step.get("bersama")))]
    for place, wanted in enumerate(map(_dict, _items(step.get("kelengkapan")))):
        named += [(("kelengkapan", place, "langkah", n), no) for n, no in enumerate(_items(wanted.get("langkah")))]
    branches = [_dict(branch) for branch in _items(step.get("cabang"))]
    named += [(("cabang", n, "ke_langkah"), branch.get("ke_langkah")) for n, branch in enumerate(branches)]
    for path, no in named:
        if isinstance(no, str) and (no not in numbers or (no == mine and path[0] == "bersama")):
            yield path, "sop.file_step_unknown", {"step": no}
    inputs = [w if isinstance(w, str) else _dict(w).get("nama") for w in _items(step.get("kelengkapan"))]
    yield from _repeated("kelengkapan", "nama", inputs)
    yield from _repeated("cabang", "jika", [branch.get("jika") for branch in branches])


def _repeated(field: str, part: str, names: list[Plain]) -> Iterator[tuple[Path, str, dict[str, str]]]:
    """Yield names that stand twice where they must tell one from another."""
    for place, name in enumerate(names):
        if isinstance(name, str) and name in names[:place]:
            yield (field, place, part), "sop.file_twice", {"name": name}


def _day(value: Plain) -> date | None:
    """Return a day as it was typed, None for what is none: its own field says so."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _dict(value: Plain) -> dict[str, Plain]:
    return value if isinstance(value, dict) else {}


def _items(value: Plain) -> list[Plain]:
    return value if isinstance(value, list) else []
