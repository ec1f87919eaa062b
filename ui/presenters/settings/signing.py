"""Pengaturan: electronic signatures. Held, passphrase and NIK are written here and never shown again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.letters.letter import PATTERNS, SHEETS, Letterhead, LetterKind, check_pattern
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission, Staff
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.keep_signing import SigningOverview
from ui.presenters.applications.one_application import sending_form
from ui.presenters.form import FormField
from ui.presenters.parts import Choice, Tag, Tone
from ui.presenters.presenter import Command, Message, message
from ui.presenters.readers import answer, read_file
from ui.presenters.wording import Line

# A section of Pengaturan: its fields, what they hold, and how they are kept.

K = TypeVar("K")


class Kind(StrEnum):
    """How a field is filled."""

    TEXT = "text"
    FILE = "file"  # a path: typed, dropped or chosen
    SECRET = "secret"  # never shown, never read back
    PICK = "pick"  # one of many, by a part of its words
    LINES = "lines"  # the cursor chooses, or Space ticks
    FACTS = "facts"  # only read
    TROUBLE = "trouble"  # only read: what is wrong and what to do, as `problem`
    FOLDER = "folder"  # as FILE, for a folder


@dataclass(frozen=True, slots=True)
class SettingField:
    """One field as shown; `column` 0 stands at the left, 1 at the right. `note` is the quiet line below it."""

    name: str
    kind: Kind
    label: Message
    text: str = ""
    hint: Message = ""
    note: Message = ""
    lines: tuple[Line, ...] = ()
    choices: tuple[Choice, ...] = ()  # `text` is the name of the one that holds
    facts: tuple[tuple[Message, Message], ...] = ()
    column: int = 0
    problem: Problem | None = None


class Section(Generic[K]):
    """Base of the sections: `kept` is what was read last, `typed` what a person changed since.

    `read` and `keep` run on the store's executor, all else with the window. What is kept is a copy of the section as it
    stood when Enter was pressed: values are replaced and never changed in place.
    """

    name: ClassVar[str]
    permission: ClassVar[Permission | None] = None  # None where nothing can be changed
    screen: str = ""  # where Enter leads from a section that is only shown
    actions: ClassVar[tuple[Command, ...]] = ()  # what the bottom bar has besides
    kept: K

    def __init__(self, context: AppContext) -> None:
        self.context = context
        self.typed: dict[str, str] = {}
        self.cursors: dict[str, str] = {}  # the line under the cursor of each list

    def read(self) -> K:
        """Return what is kept."""
        raise NotImplementedError

    def take(self, kept: K) -> None:
        """Put what is kept into the fields; what was typed is over."""
        self.kept, self.typed = kept, {}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the fields as filled so far."""
        raise NotImplementedError

    def type(self, name: str, text: str) -> None:
        """Take what was typed into a field, or the name of what was picked."""
        self.typed = {**self.typed, name: text}

    def point(self, name: str, line: str) -> None:
        """Take the line under the cursor."""
        self.cursors = {**self.cursors, name: line}

    def tick(self, name: str, line: str) -> None:
        """Take a line that was ticked, or what was picked."""

    @property
    def sop_id(self) -> str:
        """Return the SOP under the cursor, which can be read; "" in sections that show none."""
        return ""

    def keep(self) -> Message:
        """Keep the fields and say so."""
        raise NotImplementedError

    def text(
        self, name: str, kept: str = "", hint: str = "", note: Message = "", kind: Kind = Kind.TEXT, column: int = 0
    ) -> SettingField:
        """Return a field with what was typed into it, else with what is kept; `hint` is a key."""
        said: Message = message(f"pengaturan.{hint}") if hint else ""
        label = message(f"pengaturan.{name}")
        return SettingField(name, kind, label, self.typed.get(name, kept), said, note, column=column)


# Pengaturan: the letterhead, how the numbers of letters are built, and how applicants are told.

_TEXTS = {"dinas": "", "regency": "", "address": "", "contact": "", "city": "city_hint", "code": "code_hint"}
_BY_KEDUDUKAN = "-"
_EXAMPLE = "123"


class LetterheadSection(Section[tuple[Letterhead, tuple[Staff, ...]]]):
    """Who stands on top of every letter, and who signs it."""

    name = "kop"
    permission = Permission.KEEP_PROFILE

    def read(self) -> tuple[Letterhead, tuple[Staff, ...]]:
        """Return letterhead and staff."""
        return self.context.office.letterhead.read(), tuple(self.context.office.staff.search())

    def tick(self, name: str, line: str) -> None:
        """Choose who signs, and the sheet."""
        if name in ("head", "sheet") and line:  # an emptied field chooses nothing
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
        sheet = self.text("sheet", letterhead.sheet, kind=Kind.PICK, column=1)
        sheets = Choice.each(SHEETS, "pengaturan.sheet_")
        return (*texts, replace(head, choices=heads), replace(sheet, choices=sheets), logo)

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
        self.context.office.letterhead.edit(replace(fresh, head=head, sheet=typed["sheet"], **texts))
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
    """The mail server of the dinas."""

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
                column=int(each.name == "sender"),
            )
            for each in self.kept
        )

    def keep(self) -> Message:
        """Keep the form."""
        sending_form(self.context).keep({field.name: field.text for field in self.fields()})
        return message("pengaturan.kabar_saved")


class _SigningSection(Section[SigningOverview]):
    """Base: the settings as they may be shown."""

    permission = Permission.KEEP_PROFILE

    def read(self) -> SigningOverview:
        """Return what is set."""
        return self.context.office.signing_setup.overview()

    def _noted(self, name: str, kind: Kind, is_there: object, hint: str = "", column: int = 0) -> SettingField:
        """Return the field of a file or a secret; what is kept of it is only told in a note."""
        note = message(f"pengaturan.{name}_there" if is_there else f"pengaturan.{name}_missing")
        return self.text(name, hint=hint, note=note, kind=kind, column=column)

    def _pem(self, name: str) -> str:
        """Return the certificates in the file that a field names, "" without one. Raise `InputError`."""

        def read(path: str) -> str:
            try:
                pem = read_file(path)[1].decode("ascii") if path else ""
            except UnicodeDecodeError as error:
                raise InputError("tte.trust_unreadable") from error
            self.context.office.signing_setup.check_trust(pem)
            return pem

        return answer({name: self.typed.get(name, "")}, name, read)


class SigningServiceSection(_SigningSection):
    """The signing service of BSrE."""

    name = "tte"

    def fields(self) -> tuple[SettingField, ...]:
        """Return address, user, secret and authority."""
        kept = self.kept
        way = ((message("pengaturan.way"), message(f"pengaturan.way_{kept.way.value}")),)
        ready = message("pengaturan.ready" if kept.is_complete else "pengaturan.not_ready")
        facts = (*way, (message("common.state"), ready))
        return (
            self.text("url", kept.url, "url_hint"),
            self.text("user", kept.user),
            self._noted("secret", Kind.SECRET, kept.has_secret),
            self._noted("ca", Kind.FILE, kept.has_ca, "pem_hint"),
            SettingField("way", Kind.FACTS, message("common.now"), facts=facts, column=1),
        )

    def keep(self) -> Message:
        """Keep the service; without a new file its authority is the system's."""
        typed = self.typed
        url, user = typed.get("url", self.kept.url), typed.get("user", self.kept.user)
        self.context.office.signing_setup.set_service(url, user, typed.get("secret", ""), self._pem("ca") or None)
        return message("pengaturan.tte_saved")


class SignersSection(_SigningSection):
    """By which NIK the service knows those who sign."""

    name = "signers"

    def type(self, name: str, text: str) -> None:
        """Take the NIK of the signer under the cursor."""
        if name == "nik" and self._chosen:
            super().type(self._chosen, text)

    def fields(self) -> tuple[SettingField, ...]:
        """Return the signers and the NIK of the one under the cursor."""
        lines = tuple(
            Line(
                user.user_id,
                user.name,
                nik or message("pengaturan.nik_missing"),
                tag=Tag(message("pengaturan.edited"), Tone.CAUTION) if self.typed.get(user.user_id) else None,
            )
            for user, nik in self.kept.signers
        )
        name = next((user.name for user, _ in self.kept.signers if user.user_id == self._chosen), "–")
        label = message("pengaturan.nik", name=name)
        note = message("pengaturan.nik_note" if lines else "pengaturan.no_signers")
        return (
            SettingField("signers", Kind.LINES, message("pengaturan.signers_list"), lines=lines),
            SettingField("nik", Kind.TEXT, label, self.typed.get(self._chosen, ""), note=note, column=1),
        )

    def keep(self) -> Message:
        """Keep every NIK that was typed."""
        typed = {signer: nik for signer, nik in self.typed.items() if nik.strip()}
        for nik in typed.values():
            answer({"nik": nik}, "nik", Nik.parse)  # all of them before the first is kept
        for signer, nik in typed.items():
            self.context.office.signing_setup.set_nik(signer, nik)
        return message("pengaturan.signers_saved")

    @property
    def _chosen(self) -> str:
        known, line = [user.user_id for user, _ in self.kept.signers], self.cursors.get("signers", "")
        return line if line in known else next(iter(known), "")


class CertificateSection(_SigningSection):
    """The office's own certificate, and the authorities whose signatures this laptop trusts."""

    name = "sertifikat"

    def fields(self) -> tuple[SettingField, ...]:
        """Return the paths of both files."""
        return (
            self._noted("certificate", Kind.FILE, self.kept.has_certificate, "p12_hint"),
            self.text("passphrase", note=message("pengaturan.passphrase_note"), kind=Kind.SECRET),
            self._noted("trust", Kind.FILE, self.kept.has_trust, "pem_hint", column=1),
        )

    def keep(self) -> Message:
        """Keep the files that were named; the authority of the certificate is trusted too."""
        trust, certificate, passphrase = (self.typed.get(name, "") for name in ("trust", "certificate", "passphrase"))
        if not trust.strip() and not certificate.strip():
            raise InputError("signing.no_file")
        setup = self.context.office.signing_setup
        pem = self._pem("trust")  # before anything is kept
        told, issuer = message("pengaturan.trust_saved"), ""
        if certificate.strip():
            keep = setup.set_certificate
            found = answer(self.typed, "certificate", lambda path: keep(read_file(path)[1], passphrase))
            told, issuer = message("pengaturan.certificate_saved", name=found.name), found.issuer
        if trust.strip():
            setup.set_trust(f"{pem}\n{issuer}")
        return told
