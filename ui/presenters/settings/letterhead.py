"""Pengaturan: the letterhead, how the numbers of letters are built, and how applicants are told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.letterhead import PATTERNS, Letterhead, check_pattern
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.people.staff import Staff
from ui.presenters.applications.notices import sending_form
from ui.presenters.form import FormField
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer, read_file
from ui.presenters.settings.section import Kind, Section, SettingField

_TEXTS = {"dinas": "", "regency": "", "address": "", "contact": "", "city": "city_hint", "code": "code_hint"}
_BY_KEDUDUKAN = "-"
_EXAMPLE = "123"
_SECOND_COLUMN = ("sender", "webhook", "webhook_secret")


class LetterheadSection(Section[tuple[Letterhead, tuple[Staff, ...]]]):
    """Who stands on top of every letter, and who signs it."""

    name = "kop"
    permission = Permission.KEEP_PROFILE

    def read(self) -> tuple[Letterhead, tuple[Staff, ...]]:
        """Return letterhead and staff."""
        return self.context.office.letterhead.read(), tuple(self.context.office.staff.search())

    def tick(self, name: str, line: str) -> None:
        """Choose who signs."""
        if name == "head" and line:  # an emptied field names nobody
            self.type(name, line)

    def fields(self) -> tuple[SettingField, ...]:
        """Return the lines of the letterhead, the logo, and the staff."""
        letterhead, staff = self.kept
        texts = (self.text(name, getattr(letterhead, name), hint) for name, hint in _TEXTS.items())
        has_logo = message("pengaturan.logo_there" if letterhead.logo else "pengaturan.logo_missing")
        logo = self.text("logo", hint="logo_hint", note=has_logo, kind=Kind.FILE, column=1)
        head = self.text("head", letterhead.head or _BY_KEDUDUKAN, kind=Kind.PICK, column=1)
        people = (Choice(person.thing_id, person.name, person.jabatan) for person in staff)
        heads = (Choice(_BY_KEDUDUKAN, message("pengaturan.by_kedudukan")), *people)
        return (*texts, replace(head, choices=heads), logo)

    def keep(self) -> Message:
        """Keep the letterhead, with the logo of the typed file."""
        typed = {field.name: field.text.strip() for field in self.fields()}
        texts: dict[str, Any] = {name: typed[name] for name in _TEXTS}
        fresh = self.context.office.letterhead.read()  # the patterns are another section's
        if not texts["dinas"]:
            raise InputError("letterhead.no_name").at("dinas")
        if typed["logo"]:
            put = self.context.office.letterhead.put_logo
            fresh = answer(typed, "logo", lambda path: put(read_file(path)[1]))
        head = "" if typed["head"] == _BY_KEDUDUKAN else typed["head"]
        self.context.office.letterhead.edit(replace(fresh, head=head, **texts))
        return message("pengaturan.kop_saved")


class NumbersSection(Section[Letterhead]):
    """The number pattern of each letter, with an example."""

    name = "nomor"
    permission = Permission.KEEP_PROFILE

    def read(self) -> Letterhead:
        """Return the letterhead with its patterns."""
        return self.context.office.letterhead.read()

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
        pattern = self.text("pattern", self._pattern(self._kind), "pattern_hint", self._example(), column=1)
        words = tuple(
            ("{" + name + "}", message(f"pengaturan.place_{name}"))
            for name in ("nomor", "kode", "bulan", "bulan_romawi", "tahun")
        )
        places = SettingField("places", Kind.FACTS, message("pengaturan.places"), facts=words, column=1)
        return (SettingField("letters", Kind.LINES, message("common.letters"), lines=lines), pattern, places)

    def keep(self) -> Message:
        """Keep the patterns that differ from the usual ones; an empty one goes back to the usual."""
        patterns = {**self.kept.patterns, **{kind: text.strip() for kind, text in self.typed.items()}}
        own = {kind: text for kind, text in patterns.items() if text and text != PATTERNS.get(LetterKind(kind))}
        fresh = self.context.office.letterhead.read()
        self.context.office.letterhead.edit(replace(fresh, patterns=own))
        return message("pengaturan.nomor_saved")

    @property
    def _kind(self) -> LetterKind:
        line = self.cursors.get("letters", "")
        return next((kind for kind in PATTERNS if kind.value == line), next(iter(PATTERNS)))

    def _pattern(self, kind: LetterKind) -> str:
        return self.typed.get(kind.value, self.kept.pattern(kind))

    def _example(self) -> Message:
        pattern = self._pattern(self._kind).strip() or PATTERNS[self._kind]
        try:
            check_pattern(pattern)
            shown = replace(self.kept, patterns={self._kind.value: pattern})
            number = shown.number(self._kind, _EXAMPLE, self.context.clock.today())
        except InputError as error:
            wrong = "code_first" if error.code == "letter.code_missing" else "example_none"
            return message(f"pengaturan.{wrong}")
        return message("pengaturan.example", number=number)


class NoticesSection(Section[tuple[FormField, ...]]):
    """The mail server and the webhook of the dinas."""

    name = "kabar"
    permission = Permission.KEEP_PROFILE

    def read(self) -> tuple[FormField, ...]:
        """Return the fields of the form as they are kept."""
        return sending_form(self.context).load()

    def fields(self) -> tuple[SettingField, ...]:
        """Return the fields of the form."""
        return tuple(
            SettingField(
                each.name,
                Kind.SECRET if each.is_secret else Kind.TEXT,
                each.label,
                self.typed.get(each.name, each.text),
                each.hint,
                column=int(each.name in _SECOND_COLUMN),
            )
            for each in self.kept
        )

    def keep(self) -> Message:
        """Keep the form."""
        sending_form(self.context).keep({field.name: field.text for field in self.fields()})
        return message("pengaturan.kabar_saved")
