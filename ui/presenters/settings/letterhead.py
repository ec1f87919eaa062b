"""Pengaturan: the letterhead, and how the numbers of letters are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.letterhead import PATTERNS, Letterhead, check_pattern
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.people.staff import Staff
from fieldkit.services.context.app_context import AppContext
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice
from ui.presenters.readers import read_file
from ui.presenters.settings.section import Kind, Section, SettingField

_TEXTS = ("dinas", "regency", "address", "contact", "city", "code")
_BY_KEDUDUKAN = "-"
_EXAMPLE = "123"


class LetterheadSection(Section[tuple[Letterhead, tuple[Staff, ...]]]):
    """Who stands on top of every letter, and who signs it."""

    name = "kop"
    permission = Permission.KEEP_PROFILE
    places: ClassVar[dict[str, str]] = {
        "letter.logo_wrong": "logo",
        "list.unreadable": "logo",
        "letterhead.no_name": "dinas",
    }

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._letterhead = Letterhead("")
        self._staff: tuple[Staff, ...] = ()

    def read(self) -> tuple[Letterhead, tuple[Staff, ...]]:
        """Return letterhead and staff."""
        return self.context.office.letterhead.read(), tuple(self.context.office.staff.search())

    def take(self, kept: tuple[Letterhead, tuple[Staff, ...]]) -> None:
        """Show both."""
        (self._letterhead, self._staff), self.typed = kept, {}

    def tick(self, name: str, line: str) -> None:
        """Choose who signs."""
        if name == "head" and line:  # an emptied field names nobody
            self._letterhead = replace(self._letterhead, head="" if line == _BY_KEDUDUKAN else line)

    def type(self, name: str, text: str) -> None:
        """Take a line of the letterhead, or the path of its logo."""
        if name == "logo":
            super().type(name, text)
        elif name in _TEXTS:
            typed: dict[str, Any] = {name: text}
            self._letterhead = replace(self._letterhead, **typed)

    def fields(self) -> tuple[SettingField, ...]:
        """Return the lines of the letterhead, the logo, and the staff."""
        texts = tuple(
            SettingField(
                name, Kind.TEXT, message(f"pengaturan.{name}"), getattr(self._letterhead, name), _hint_of(name)
            )
            for name in _TEXTS
        )
        has_logo = message("pengaturan.logo_there" if self._letterhead.logo else "pengaturan.logo_missing")
        logo = replace(self.text("logo", hint=message("pengaturan.logo_hint"), kind=Kind.FILE), note=has_logo, column=1)
        signs = self._letterhead.head or _BY_KEDUDUKAN
        head = SettingField("head", Kind.PICK, message("pengaturan.head"), signs, choices=self._heads(), column=1)
        return (*texts, head, logo)

    def keep(self) -> Callable[[], Message]:
        """Return what keeps the letterhead, with the logo of the typed file."""
        letterhead, path = self._letterhead, self.typed.get("logo", "").strip()

        def kept() -> Message:
            fresh = self.context.office.letterhead.read()  # the patterns are another section's
            texts: dict[str, Any] = {name: getattr(letterhead, name).strip() for name in _TEXTS}
            if not texts["dinas"]:
                raise InputError("letterhead.no_name")
            if path:
                fresh = self.context.office.letterhead.put_logo(read_file(path)[1])
            self.context.office.letterhead.edit(replace(fresh, head=letterhead.head, **texts))
            return message("pengaturan.kop_saved")

        return kept

    def _heads(self) -> tuple[Choice, ...]:
        people = (Choice(person.thing_id, person.name, person.jabatan) for person in self._staff)
        return (Choice(_BY_KEDUDUKAN, message("pengaturan.by_kedudukan")), *people)


class NumbersSection(Section[Letterhead]):
    """The number pattern of each letter, with an example."""

    name = "nomor"
    permission = Permission.KEEP_PROFILE
    places: ClassVar[dict[str, str]] = {"letter.pattern_wrong": "pattern"}

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._letterhead = Letterhead("")
        self._kind = next(iter(PATTERNS))

    def read(self) -> Letterhead:
        """Return the letterhead with its patterns."""
        return self.context.office.letterhead.read()

    def take(self, kept: Letterhead) -> None:
        """Show the patterns."""
        self._letterhead, self.typed = kept, {}

    def point(self, name: str, line: str) -> bool:
        """Put the pattern of a letter into the field."""
        if name == "letters" and line in set(PATTERNS) and line != self._kind:
            self._kind = LetterKind(line)
            return True
        return False

    def type(self, name: str, text: str) -> None:
        """Take the pattern of the letter under the cursor."""
        if name == "pattern":
            super().type(self._kind.value, text)

    def fields(self) -> tuple[SettingField, ...]:
        """Return the letters with their patterns, and the one under the cursor to edit."""
        lines = tuple(
            Line(kind.value, message(f"letter.{kind.value}"), self._pattern(kind) or message("pengaturan.no_pattern"))
            for kind in PATTERNS
        )
        pattern = SettingField(
            "pattern",
            Kind.TEXT,
            message("pengaturan.pattern"),
            self._pattern(self._kind),
            message("pengaturan.pattern_hint"),
            self._example(),
            column=1,
        )
        words = tuple(
            ("{" + name + "}", message(f"pengaturan.place_{name}"))
            for name in ("nomor", "kode", "bulan", "bulan_romawi", "tahun")
        )
        places = SettingField("places", Kind.FACTS, message("pengaturan.places"), facts=words, column=1)
        return (SettingField("letters", Kind.LINES, message("pengaturan.letters"), lines=lines), pattern, places)

    def keep(self) -> Callable[[], Message]:
        """Return what keeps the patterns that differ from the usual ones; an empty one goes back to the usual."""
        letterhead, typed = self._letterhead, dict(self.typed)

        def kept() -> Message:
            patterns = {**letterhead.patterns, **{kind: text.strip() for kind, text in typed.items()}}
            own = {kind: text for kind, text in patterns.items() if text and text != PATTERNS.get(LetterKind(kind))}
            fresh = self.context.office.letterhead.read()
            self.context.office.letterhead.edit(replace(fresh, patterns=own))
            return message("pengaturan.nomor_saved")

        return kept

    def _pattern(self, kind: LetterKind) -> str:
        return self.typed.get(kind.value, self._letterhead.pattern(kind))

    def _example(self) -> Message:
        pattern = self._pattern(self._kind).strip() or PATTERNS[self._kind]
        try:
            check_pattern(pattern)
            shown = replace(self._letterhead, patterns={self._kind.value: pattern})
            number = shown.number(self._kind, _EXAMPLE, self.context.clock.today())
        except InputError as error:
            wrong = "code_first" if error.code == "letter.code_missing" else "example_none"
            return message(f"pengaturan.{wrong}")
        return message("pengaturan.example", number=number)


def _hint_of(name: str) -> Message:
    return message(f"pengaturan.{name}_hint") if name in ("city", "code") else ""
