"""The official forms of population registration (Permendagri 109/2019): the fields of each, in the order of the form.

The numbers in comments are those that the form prints. Layout: `assets/letters/<kind>.typ`.
"""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.letters.forms import Column, Field, Form
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.requirements import NOT_ASKED, REQUEST_BOXES, AttachmentBox

_K, _F = LetterKind, Form


def _columns(*names: str) -> tuple[Column, ...]:
    return tuple(map(Column, names))


def _day(name: str) -> Column:
    return Column(name, _F.DAY)


# A member of F-1.01: columns 2 to 41 of its five tables (1 is the row). 15, 21 and 24 follow from 16, 22 and 25; a
# WNI leaves 7 to 9 and 32 to 37 empty. The form has no column for the member's NIK, which is kept for the families.
MEMBER = (
    *_columns("name", "front_title", "back_title", "passport"),  # 2 to 5
    _day("passport_until"),
    *_columns("sponsor", "sponsor_type", "sponsor_address"),  # 7 to 9
    *_columns("sex", "birth_place"),  # 10, 11
    _day("born"),
    *_columns("citizenship", "citizenship_decree", "birth_certificate"),  # 13, 14, 16
    *_columns("blood", "religion", "faith", "marital", "marriage_certificate"),  # 17 to 20, 22
    _day("married"),
    Column("divorce_certificate"),  # 25
    _day("divorced"),
    *_columns("relation", "impairment", "disability", "education", "occupation"),  # 27 to 31
    *_columns("permit", "permit_place"),  # 32, 33
    *map(_day, ("permit_from", "permit_until")),
    Column("came_from"),
    _day("came"),
    *_columns("mother_nik", "mother", "father_nik", "father"),  # 38 to 41
)
MOVES = ("skk", "skp", "skpln", "sktt", "pindah_oa")  # F-1.03, 4
DISTANCES = ("dalam_desa", "antar_desa", "antar_kecamatan", "antar_kabupaten", "antar_provinsi")  # F-1.03, 6
REASONS = ("pekerjaan", "pendidikan", "keamanan", "kesehatan", "perumahan", "keluarga", "lainnya")  # F-1.03, 8
MOVERS = ("kepala_keluarga", "semua_anggota", "sebagian_anggota", "hanya_anggota")  # F-1.03, 9
AFTERWARDS = ("numpang_kk", "kk_baru")  # F-1.03, 10 and 11


def _maybe(*names: str, form: Form = _F.LINE) -> tuple[Field, ...]:
    return tuple(Field(name, form, is_required=False) for name in names)


def _choice(name: str, choices: tuple[str, ...]) -> Field:
    return Field(name, _F.CHOICE, choices=(NOT_ASKED, *choices))


def _rows(name: str, *columns: Column, is_shown: bool = True) -> Field:
    return Field(name, _F.ROWS, is_required=False, columns=columns, is_shown=is_shown)


WITNESS = _columns("name", "nik", "address", "relation")


def _declarant(prefix: str = "") -> tuple[Field, ...]:
    """Return the five facts by which F-2.03 and F-2.04 name somebody."""
    return (
        *_maybe(f"{prefix}name", f"{prefix}nik", f"{prefix}birth_place"),
        *_maybe(f"{prefix}born", form=_F.DAY),
        *_maybe(f"{prefix}occupation"),
        *_maybe(f"{prefix}address", form=_F.TEXT),
    )


_ADDRESS = _maybe("address", form=_F.TEXT)
_HOME = (*_ADDRESS, *_maybe("rt", "rw", "village", "district", "regency", "province"))
_HEAD_OF_OFFICE = Field("signer", _F.PERSON, is_required=False)
_BY_NIK = _rows("witnesses", *_columns("name", "nik"))
_DATED = Field("dated", _F.DAY)


def _changes(element: str) -> tuple[Column, ...]:
    return _columns(*(f"{element}_{part}" for part in ("before", "after", "basis")))


OFFICIAL_FORMS: Mapping[LetterKind, tuple[Field, ...]] = {
    _K.F_1_01: (
        *_maybe("head"),
        *_HOME,
        *_maybe("postcode", "phone", "email", "hamlet", "region"),
        _rows("members", *MEMBER, is_shown=False),
        _HEAD_OF_OFFICE,
        _DATED,
    ),
    _K.F_1_02: (
        *_maybe("name", "nik", "no_kk"),
        *(_choice(name, tuple(box.name for box in boxes)) for name, boxes in REQUEST_BOXES.items()),
        Field("attached", _F.LINES, is_required=False, lines=tuple(AttachmentBox)),
        *_maybe("officer"),
        _DATED,
    ),
    _K.F_1_03: (
        *_maybe("no_kk", "name", "nik"),
        _choice("move", MOVES),
        *_HOME,
        _choice("distance", DISTANCES),
        *_maybe("to_address", form=_F.TEXT),
        *_maybe("to_rt", "to_rw", "to_village", "to_district", "to_regency", "to_province"),
        _choice("move_reason", REASONS),
        *_maybe("other_reason"),
        _choice("movers", MOVERS),
        _choice("stayers_kk", AFTERWARDS),
        _choice("movers_kk", AFTERWARDS),
        _rows("moving", *_columns("name", "nik", "relation")),
        *_maybe("sponsor", "sponsor_type", "sponsor_address", "permit"),
        *_maybe("to_country", "country_address", "responsible"),
        *_maybe("leaving", form=_F.DAY),
        _HEAD_OF_OFFICE,
        _DATED,
    ),
    _K.F_1_04: (
        *_maybe("name"),
        *_HOME,
        *_maybe("birth_place"),
        *_maybe("born", form=_F.DAY),
        *_maybe("mother", "father"),
        # On a sheet of our own behind the form: nobody is recorded without a NIK on their own word alone.
        _rows("witnesses", *WITNESS),
        _DATED,
    ),
    _K.F_1_05: (
        *_maybe("husband", "husband_nik", "wife", "wife_nik"),
        _choice("bond", ("kawin", "cerai")),
        *_maybe("bond_on", form=_F.DAY),
        _BY_NIK,
        _rows("children", *_columns("name", "birth_certificate", "relation")),
        _DATED,
    ),
    _K.F_1_06: (
        *_maybe("name", "nik", "no_kk"),
        *_HOME,
        _rows("family", *_columns("name", "nik", "relation", "note")),
        _rows("change_a", *_changes("education"), *_changes("occupation"), Column("note")),
        _rows("change_b", *_changes("religion"), Column("element"), *_changes("other"), Column("note")),
        _DATED,
    ),
    _K.F_1_07: (
        *_maybe("name", "birth_place"),
        *_maybe("born", form=_F.DAY),
        *_maybe("occupation"),
        *_ADDRESS,
        *_maybe("receiver", "receiver_nik"),
        _choice("hindrance", ("sakit", "lain")),
        *_maybe("other_hindrance", "place"),
        _DATED,
    ),
    _K.F_2_03: (
        *_declarant(),
        *_declarant("child_"),
        *_maybe("child_order"),
        *_declarant("mother_"),
        *_declarant("helper_"),
        _BY_NIK,
        *_maybe("place"),
        _DATED,
    ),
    _K.F_2_04: (*_declarant("husband_"), *_declarant("wife_"), _BY_NIK, *_maybe("place"), _DATED),
    # No official form; kept for the letters of older programs, never offered.
    _K.SPTJM: (
        *_maybe("name", "nik", "no_kk", "birth_place"),
        *_maybe("born", form=_F.DAY),
        *_maybe("sex", "occupation"),
        *_HOME,
        *_maybe("phone"),
        *_maybe("stated", form=_F.LINES),
        *_maybe("reason", form=_F.TEXT),
        _rows("witnesses", *WITNESS),
        _DATED,
    ),
}
RETIRED = frozenset({_K.SPTJM})
