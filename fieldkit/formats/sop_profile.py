"""Reads the SOP of a kabupaten from YAML, and names every mistake with file, line and field.

The program never follows a profile that it did not understand as a whole: one mistake, and none of it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from fieldkit.domain.applications import legs_in
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError, Problem, Recovery
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role
from fieldkit.domain.sarpras import SarprasKind
from fieldkit.domain.sop.profile import (
    DOES,
    Actor,
    Branch,
    ClockStart,
    Column,
    Equipment,
    Fulfilment,
    PauseReason,
    Sla,
    SlaKind,
    SopDocument,
    SopProfile,
    SopStep,
    StandardTime,
    StepInput,
    StepOutput,
    TimeUnit,
)
from fieldkit.domain.visits import Perekaman

# YAML that people write, with the line of every value, so that a mistake can be named where it stands.
#
# Scalars stay the text that was typed (`35.10` is no number, `no` is no false); only an empty value or `null` is None.

MAX_DEPTH = 20
MAX_CHARS = 500_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as quick where libyaml is there

Plain = str | None | list["Plain"] | dict[str, "Plain"]
Path = tuple[str | int, ...]


class YamlLineError(Exception):
    """What keeps a text from being read at all, and the line (from 1) where that was noticed."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(f"{line}: {detail}")
        self.line, self.detail = line, detail


@dataclass(frozen=True, slots=True)
class Marked:
    """A document: its values, the line of each path, and keys that were written twice."""

    value: Plain
    lines: Mapping[Path, int]
    twice: tuple[Path, ...]

    def line(self, path: Path) -> int:
        """Return the line of a path, else of the nearest value around it; parts that were not written are passed."""
        known: Path = ()
        for part in path:
            known = (*known, part) if (*known, part) in self.lines else known
        return self.lines.get(known, 1)


def read_marked(text: str) -> Marked:
    """Read one document. Raise `YamlLineError`, also for aliases and depths that no honest file has."""
    if len(text) > MAX_CHARS:
        raise YamlLineError(1, f"> {MAX_CHARS} characters")
    try:
        for event, depth in _depths(text):
            if isinstance(event, yaml.AliasEvent):
                raise YamlLineError(_line(event.start_mark), f"*{event.anchor}")
            if depth > MAX_DEPTH:
                raise YamlLineError(_line(event.start_mark), f"> {MAX_DEPTH} levels")
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise YamlLineError(_line(error.problem_mark or error.context_mark), error.problem or "") from error
    except yaml.reader.ReaderError as error:
        raise YamlLineError(text.count("\n", 0, error.position) + 1, str(error.reason)) from error
    lines: dict[Path, int] = {(): 1}
    twice: list[Path] = []
    return Marked(_plain(root, (), lines, twice), lines, tuple(twice))


def _line(mark: Any) -> int:
    return mark.line + 1 if mark else 1


def _depths(text: str) -> Iterator[tuple[yaml.Event, int]]:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        yield event, depth


def _plain(node: yaml.Node | None, path: Path, lines: dict[Path, int], twice: list[Path]) -> Plain:
    if isinstance(node, yaml.MappingNode):
        fields: dict[str, Plain] = {}
        for key, value in node.value:
            here = (*path, str(key.value))
            if here[-1] in fields:
                twice.append(here)
            lines[here] = _line(key.start_mark)
            fields[str(key.value)] = _plain(value, here, lines, twice)
        return fields
    if isinstance(node, yaml.SequenceNode):
        items: list[Plain] = []
        for index, item in enumerate(node.value):
            lines[(*path, index)] = _line(item.start_mark)
            items.append(_plain(item, (*path, index), lines, twice))
        return items
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return None
    return str(node.value)


# The fields of an SOP file, in the words of the people who write it, and what they become.

Text = Annotated[str, Field(min_length=1, max_length=2000)]
Short = Annotated[str, Field(max_length=36)]
Number = Annotated[int, Field(ge=1, le=99)]
Minutes = Annotated[int, Field(ge=0, le=1_000_000)]
YES = frozenset({"ya", "true", "yes"})


def _alone(name: str) -> BeforeValidator:
    """Let the one value that matters stand without its field: `- Kalender` for `- {nama: Kalender}`."""

    def spell_out(value: Any) -> Any:
        return value if isinstance(value, dict) else {name: value}

    return BeforeValidator(spell_out)


def _answered(value: Any) -> Any:
    return {"ya": "true", "tidak": "false"}.get(value, value) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _schema_day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[date | None, BeforeValidator(_schema_day)]
YesNo = Annotated[bool, BeforeValidator(_answered)]


class _Fields(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Column(_Fields):
    akun: list[Role] = []
    luar: YesNo = False
    dicatat_oleh: list[Role] = []


class _Actor(_Fields):
    peran: Text
    sebagai: Text = DOES
    keyakinan: float = Field(1.0, ge=0, le=1)
    akun: list[Role] = []


class _Time(_Fields):
    teks: Text
    menit: Minutes
    satuan: TimeUnit
    menit_kerja: Minutes | None = None


class _Input(_Fields):
    nama: Text
    surat: list[LetterKind] = []
    fakta: list[Fulfilment] = []
    langkah: list[Number] = []


class _Output(_Fields):
    nama: Text
    surat: list[LetterKind] = []
    draf: list[LetterKind] = []
    ke: Number = 1


class _Facts(_Fields):
    salah_satu: Annotated[list[Fulfilment], BeforeValidator(_listed), Field(min_length=1)]


class _Branch(_Fields):
    jika: Text
    maka: Text
    ke_langkah: Number


class _Step(_Fields):
    urutan: Number
    kegiatan: Text
    singkat: Short = ""
    pelaksana: list[_Actor] = []
    kelengkapan: list[Annotated[_Input, _alone("nama")]] = []
    waktu: _Time | None = None
    waktu_variabel: str = ""
    waktu_per: str = ""
    output: list[Annotated[_Output, _alone("nama")]] = []
    dipenuhi_oleh: list[Annotated[_Facts, _alone("salah_satu")]] = []
    bersama: list[Number] = []
    cabang: list[_Branch] = []
    keterangan: list[Text] = []
    rujukan_sop: str = ""
    terminator: YesNo = False

    def step(self) -> SopStep:
        """Return it as the program knows it; whoever does it stands first."""
        who = sorted(self.pelaksana, key=lambda actor: actor.sebagai != DOES)
        time = self.waktu
        return SopStep(
            no=self.urutan,
            words=self.kegiatan,
            actors=tuple(Actor(a.peran, a.sebagai, a.keyakinan, tuple(a.akun)) for a in who),
            inputs=tuple(StepInput(i.nama, tuple(i.surat), tuple(i.fakta), tuple(i.langkah)) for i in self.kelengkapan),
            standard=StandardTime(time.teks, time.menit, time.satuan, time.menit_kerja) if time else None,
            varies_with=self.waktu_variabel,
            per=self.waktu_per,
            outputs=tuple(StepOutput(o.nama, tuple(o.surat), tuple(o.draf), o.ke) for o in self.output),
            fulfilled_by=tuple(tuple(group.salah_satu) for group in self.dipenuhi_oleh),
            beside=tuple(self.bersama),
            branches=tuple(Branch(b.jika, b.maka, b.ke_langkah) for b in self.cabang),
            remarks=tuple(self.keterangan),
            refers_to=self.rujukan_sop,
            is_terminator=self.terminator,
            short=self.singkat,
        )


class _Sla(_Fields):
    teks: Text
    jenis: SlaKind
    jumlah: Minutes
    mulai: ClockStart
    mulai_teks: str = ""
    langkah: Number | None = None
    syarat: str = ""
    jeda: list[PauseReason] = []
    jeda_teks: str = ""


class _Equipment(_Fields):
    nama: Text
    sarpras: SarprasKind | None = None

    def equipment(self) -> Equipment:
        return Equipment(self.nama, self.sarpras)


class SopFile(_Fields):
    """A whole file."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,63}$")]
    nomor: Text
    nama: Text
    singkat: Short = ""
    instansi: Text
    kode_wilayah: Annotated[str, Field(pattern=r"^\d\d(\.\d\d){0,2}$")]
    judul: str = ""
    disahkan_oleh: str = ""
    tanggal_pembuatan: Day = None
    tanggal_revisi: Day = None
    tanggal_efektif: Day = None
    dasar_hukum: list[Text] = []
    dasar_surat: Annotated[list[Text], Field(max_length=5)] = []
    kualifikasi_pelaksana: list[Text] = []
    keterkaitan: list[Text] = []
    peralatan: list[Annotated[_Equipment, _alone("nama")]] = []
    perlengkapan: list[Text] = []
    peringatan: list[Text] = []
    pencatatan: list[Text] = []
    layanan: str = ""
    perekaman: Perekaman = Perekaman.KIT
    dokumen: list[Document] = []
    persyaratan: list[Text] = []
    sasaran: list[Text] = []
    peran: Annotated[dict[Text, Annotated[_Column, _alone("akun")]], Field(min_length=1)]
    langkah: Annotated[list[_Step], Field(min_length=1, max_length=99)]
    sla: list[_Sla] = []

    def profile(self) -> SopProfile:
        """Return it as the program knows it."""
        return SopProfile(
            sop_id=self.id,
            number=self.nomor,
            name=self.nama,
            office=self.instansi,
            region=self.kode_wilayah,
            columns=tuple(Column(name, tuple(c.akun), tuple(c.dicatat_oleh)) for name, c in self.peran.items()),
            steps=tuple(step.step() for step in self.langkah),
            sla=tuple(
                Sla(s.teks, s.jenis, s.jumlah, s.mulai_teks, s.langkah, s.syarat, s.jeda_teks, s.mulai, tuple(s.jeda))
                for s in self.sla
            ),
            serves=tuple(self.sasaran),
            short=self.singkat,
            document=self._document(),
            service=self.layanan,
            perekaman=self.perekaman,
            gives=tuple(self.dokumen),
            requirements=tuple(self.persyaratan),
        )

    def _document(self) -> SopDocument:
        return SopDocument(
            heading=self.judul,
            approved_by=self.disahkan_oleh,
            made_on=self.tanggal_pembuatan,
            revised_on=self.tanggal_revisi,
            effective_on=self.tanggal_efektif,
            laws=tuple(self.dasar_hukum),
            qualifications=tuple(self.kualifikasi_pelaksana),
            related=tuple(self.keterkaitan),
            equipment=tuple(thing.equipment() for thing in self.peralatan),
            supplies=tuple(self.perlengkapan),
            warnings=tuple(self.peringatan),
            archiving=tuple(self.pencatatan),
            cited=tuple(self.dasar_surat),
        )


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
    *("dasar_hukum", "dasar_surat", "kualifikasi_pelaksana", "keterkaitan", "peralatan"),
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
