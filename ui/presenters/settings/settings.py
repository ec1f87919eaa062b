"""Pengaturan: what this dinas sets, section by section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.errors import InputError, Problem, VaultError
from fieldkit.domain.people import Permission
from fieldkit.domain.typed import DraftName
from fieldkit.ports.repositories import Account
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.people.keep_accounts import Standing
from ui.presenters.form import DraftedPresenter, Drafting, Left
from ui.presenters.parts import Bar, Stage, Tag, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message, opens
from ui.presenters.settings.kit import (
    DurationsSection,
    KitSection,
    LaptopSection,
    OfficeHoursSection,
    ProvidersSection,
    SopActorsSection,
    SopFilesSection,
)
from ui.presenters.settings.signing import (
    CertificateSection,
    Kind,
    LetterheadSection,
    NoticesSection,
    NumbersSection,
    Section,
    SettingField,
    SignersSection,
    SigningServiceSection,
)
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.wording import Line

# Pengaturan: one's own passphrase and PIN, and the accounts of this kit, which an admin keeps.


class PassphraseSection(Section[None]):
    """Everybody's own passphrase, and the PIN that opens the locked screen."""

    name = "sandi"
    permission = Permission.READ_STATUS

    def read(self) -> None:
        """Read nothing: secrets are only written."""

    def fields(self) -> tuple[SettingField, ...]:
        """Return the passphrase that holds, the new one twice, and the PIN."""
        return (
            self._secret("old", "old_passphrase"),
            self._secret("new", "new_passphrase", note="passphrase_kept"),
            self._secret("again", "passphrase_again"),
            self._secret("pin", "new_pin", note="pin_kept", column=1),
        )

    def keep(self) -> Message:
        """Change the passphrase, the PIN or both."""
        old, new, again, pin = (self.typed.get(name, "") for name in ("old", "new", "again", "pin"))
        if not new and not pin:
            raise InputError("account.nothing_typed").at("new")
        if new != again:
            raise InputError("account.differs").at("again")
        try:  # the PIN first: it needs the passphrase that holds
            if pin:
                self.context.accounts.set_pin(old, pin.strip())
            if new:
                self.context.accounts.change_passphrase(old, new)
        except VaultError as wrong:
            raise wrong.at("old") from None
        return message("pengaturan.sandi_saved")

    def _secret(self, name: str, label: str, note: str = "", column: int = 0) -> SettingField:
        told: Message = message(f"pengaturan.{note}") if note else ""
        field = self.text(name, note=told, kind=Kind.SECRET, column=column)
        return replace(field, label=message(f"pengaturan.{label}"))


class SecondFactorSection(Section[Standing]):
    """The own second factor: how it stands; Enter sets it up or changes it."""

    name = "kode"

    def read(self) -> Standing:
        """Return how it stands."""
        return self.context.second_factor.standing()

    def take(self, kept: Standing) -> None:
        """Show how it stands; it is set up, or changed once it is there."""
        super().take(kept)
        self.screen = "second_factor_change" if kept.is_on else "second_factor"

    def fields(self) -> tuple[SettingField, ...]:
        """Return whether it is asked for, what is left on paper, and who wants it."""
        found = self.kept
        wanted = "wanted_by_office" if found.is_demanded else "advised" if found.is_expected else "own_choice"
        facts: tuple[tuple[Message, Message], ...] = (
            (message("common.state"), message("common.set_up" if found.is_on else "factor.off")),
            *(((message("factor.spares_left"), str(found.spares_left)),) if found.is_on else ()),
            (message("factor.whose"), message(f"factor.{wanted}")),
        )
        return (SettingField("facts", Kind.FACTS, "", facts=facts, note=message("factor.note")),)


class AccountsSection(Section[tuple[Account, ...]]):
    """The accounts of this kit with their roles; Enter leads to where an admin keeps them."""

    name = "pengguna"
    screen = "accounts"

    def read(self) -> tuple[Account, ...]:
        """Return the accounts by name."""
        return tuple(sorted(self.context.accounts.everybody(), key=lambda each: each.user.name.casefold()))

    def fields(self) -> tuple[SettingField, ...]:
        """Return the accounts."""
        disabled, new = (Tag(message(key), Tone.CAUTION) for key in ("common.disabled", "pengguna.is_new"))
        lines = tuple(
            Line(
                each.user.user_id,
                each.user.name,
                message(f"role.{each.user.role.value}"),
                tag=new if each.is_new else disabled if each.is_disabled else None,
            )
            for each in self.kept
        )
        count: Message = message("pengaturan.users_count", count=len(lines))
        return (SettingField("users", Kind.LINES, count, lines=lines),)


SECTIONS: tuple[type[Section[Any]], ...] = (
    LetterheadSection,
    NumbersSection,
    SigningServiceSection,
    SignersSection,
    CertificateSection,
    NoticesSection,
    SopActorsSection,
    SopFilesSection,
    DurationsSection,
    OfficeHoursSection,
    PassphraseSection,
    SecondFactorSection,
    AccountsSection,
    ProvidersSection,
    KitSection,
    LaptopSection,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsState(ViewState):
    """The sections at the left, the fields of the one under the cursor at the right."""

    sections: tuple[Line, ...] = ()
    section: str = ""
    title: Message = ""
    about: Message = ""
    fields: tuple[SettingField, ...] = ()
    may_write: bool = False


class SettingsPresenter(DraftedPresenter[SettingsState]):
    """Shows every section to everybody; each is changed by those who may. What was typed waits in its section.

    Texts are a draft until they are saved, secrets never.
    """

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, section: str = "") -> None:
        """`section` is the one in front at first."""
        drafting = Drafting(context, tasks, DraftName("settings"))
        super().__init__(SettingsState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._sections = {section.name: section(context) for section in SECTIONS}
        self._section = self._sections.get(section, self._sections[SECTIONS[0].name])
        self._loaded: set[str] = set()
        self._changed: set[str] = set()
        self._texts: dict[str, str] | None = None  # by section and field, None before the draft was read
        self._wrong: tuple[str, Problem] | None = None  # section and problem
        self._keeping = ""  # the section that is being saved

    def start(self) -> None:
        """Read the section in front, at first with what was left."""
        if self._texts is None:
            self._tasks.run(STORE, self._drafting.read, self._begin_with, self._failed)
        else:
            self.refresh()

    def refresh(self) -> None:
        """Read the section in front anew, unless something typed waits in it."""
        if self._section.name not in self._changed:
            self._load(self._section)

    def typed(self) -> Mapping[str, str]:
        """Return the texts that were typed and not saved, by section and field."""
        return self._texts or {}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Let every section show what is kept, but for these texts."""
        touched = {name.partition(".")[0] for name in (*self.typed(), *fields)}
        self._texts = dict(fields)
        self._changed -= touched
        for name in touched & self._loaded:
            self._load(self._sections[name])

    def _begin_with(self, left: Left | None) -> None:
        self._texts = {}
        self._restore(left)
        self.refresh()

    def choose_section(self, name: str) -> None:
        """Bring a section to the front."""
        if name == self._section.name:
            return
        self._section = self._sections[name]
        self._render()
        self.start()

    def type_field(self, name: str, text: str) -> None:
        """Take over what was typed."""
        self._alter(lambda: self._section.type(name, text))
        if self._section.name in self._changed and self._texts is not None and name in _kept_texts(self._section):
            self._texts[f"{self._section.name}.{name}"] = text
            self._edited()

    def tick_line(self, name: str, line: str) -> None:
        """Take over a line that was ticked."""
        self._alter(lambda: self._section.tick(name, line))

    def point_line(self, name: str, line: str) -> None:
        """Follow the cursor of a list."""
        self._section.point(name, line)
        self._render()

    def accept(self) -> None:
        """Keep the section in front."""
        section = self._section
        if self._may_write and section.name in self._loaded:
            self._wrong, self._keeping = None, section.name
            keep = Operation(work=copy(section).keep, told=lambda told: told, done=lambda _: self._kept(section))
            self._keep_typed(keep, self._others(section))

    @property
    def _may_write(self) -> bool:
        needed = self._section.permission
        return needed is not None and self._context.user.may(needed)

    def _alter(self, alter: Callable[[], None]) -> None:
        if self._may_write and self._section.name in self._loaded:
            alter()
            self._wrong = None
            self._changed.add(self._section.name)
            self._render()

    def _load(self, section: Section[Any]) -> None:
        self._tasks.run(STORE, section.read, lambda kept: self._take(section, kept), self._failed)

    def _take(self, section: Section[Any], kept: Any) -> None:
        if section.name in self._changed:  # somebody typed while it was read
            return
        section.take(kept)
        self._loaded.add(section.name)
        for name in _kept_texts(section):
            text = self.typed().get(f"{section.name}.{name}")
            if text is not None:
                section.type(name, text)
                self._changed.add(section.name)
        self._render()

    def _kept(self, section: Section[Any]) -> None:
        self._changed.discard(section.name)
        self._texts = self._others(section)
        self._load(section)

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        self._wrong = (self._keeping, problem)
        self._render()

    def _render(self) -> None:
        section = self._section
        if section.name not in self._loaded:
            return
        wrong = self._wrong[1] if self._wrong and self._wrong[0] == section.name else None
        fields = section.fields()
        place = next((field.name for field in fields if wrong and field.name == wrong.field_name), "")
        fields = tuple(replace(field, problem=wrong) if field.name == place else field for field in fields)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=message("common.settings"),
                sections=tuple(self._line(name) for name in self._sections),
                section=section.name,
                part=section.name,
                title=message(f"pengaturan.{section.name}"),
                about=message(f"pengaturan.{section.name}_about"),
                fields=fields,
                may_write=self._may_write,
                problem=None if place else wrong,
                retry=None,
                bar=self._bar(),
            )
        )

    def _others(self, section: Section[Any]) -> dict[str, str]:
        return {name: text for name, text in self.typed().items() if not name.startswith(f"{section.name}.")}

    def _line(self, name: str) -> Line:
        is_edited = name in self._changed or any(each.startswith(f"{name}.") for each in self.typed())
        tag = Tag(message("pengaturan.edited"), Tone.CAUTION) if is_edited else None
        return Line(name, message(f"pengaturan.{name}"), tag=tag)

    def _bar(self) -> Bar:
        needed, sop_id = self._section.permission, self._section.sop_id
        read = opens(self._navigator, "sop_document", sop_id=sop_id)
        beside = (Command("read_sop", message("pengaturan.read_sop"), Action.READ, runs=read),) if sop_id else ()
        if needed is None:
            lead = self._section.screen
            go = enter(message(f"pengaturan.open_{lead}"), opens(self._navigator, lead), name="open")
            actions = (*beside, *self._section.actions, *((go,) if lead else ()))
            return Bar(leave(self.back), actions, message("pengaturan.only_shown"))
        if not self._may_write:
            return Bar(leave(self.back), beside, message(f"pengaturan.only_{needed.value}"))
        save = enter(message("common.save"), self.accept)
        return Bar(leave(self.back), (*beside, save))


def _kept_texts(section: Section[Any]) -> tuple[str, ...]:
    """Return the fields whose text may wait in the store; a secret is nowhere but in its field."""
    return tuple(field.name for field in section.fields() if field.kind in (Kind.TEXT, Kind.FILE, Kind.FOLDER))
