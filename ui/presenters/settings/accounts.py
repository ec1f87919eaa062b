"""Pengaturan: one's own passphrase and PIN, and the accounts of this kit, which an admin keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.accounts import Account
from fieldkit.services.context.app_context import AppContext
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.settings.section import Kind, Section, SettingField

_ADD_USER = "fieldkit user add"
AGAIN, DISABLE, REMOVE = "again", "disable", "remove"
_ACTS = (AGAIN, DISABLE, REMOVE)


class PassphraseSection(Section[None]):
    """Everybody's own passphrase, and the PIN that opens the locked screen."""

    name = "sandi"
    permission = Permission.READ_STATUS
    places: ClassVar[dict[str, str]] = {
        "vault.wrong_passphrase": "old",
        "vault.locked_out": "old",
        "account.differs": "again",
        "account.nothing_typed": "new",
        "vault.pin_form": "pin",
    }

    def read(self) -> None:
        """Read nothing: secrets are only written."""

    def take(self, _kept: None) -> None:
        """Empty the fields."""
        self.typed = {}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the passphrase that holds, the new one twice, and the PIN."""
        return (
            self._secret("old", "pengaturan.old_passphrase"),
            self._secret("new", "pengaturan.new_passphrase", note="pengaturan.passphrase_kept"),
            self._secret("again", "pengaturan.passphrase_again"),
            self._secret("pin", "pengaturan.new_pin", note="pengaturan.pin_kept", column=1),
        )

    def place_of(self, problem: Problem) -> str:
        """A passphrase that is too weak stands under the new one."""
        is_weak = problem.code.startswith(("vault.passphrase_", "vault.weak_passphrase"))
        return "new" if is_weak else super().place_of(problem)

    def keep(self) -> Callable[[], Message]:
        """Return what changes the passphrase, the PIN or both."""
        old, new, again, pin = (self.typed.get(name, "") for name in ("old", "new", "again", "pin"))

        def kept() -> Message:
            if not new and not pin:
                raise InputError("account.nothing_typed")
            if new != again:
                raise InputError("account.differs")
            # The PIN first: it needs the passphrase that holds.
            if pin:
                self.context.accounts.set_pin(old, pin.strip())
            if new:
                self.context.accounts.change_passphrase(old, new)
            return message("pengaturan.sandi_saved")

        return kept

    def _secret(self, name: str, label: str, note: str = "", column: int = 0) -> SettingField:
        told: Message = message(note) if note else ""
        return SettingField(name, Kind.SECRET, message(label), self.typed.get(name, ""), note=told, column=column)


class AccountsSection(Section[tuple[Account, ...]]):
    """The accounts of this kit with their roles; an admin gives a new start, disables and removes."""

    name = "pengguna"
    permission = Permission.ADD_USERS
    places: ClassVar[dict[str, str]] = {"account.no_act": "act", "account.yourself": "users"}

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._accounts: tuple[Account, ...] = ()
        self._user, self._act = "", ""

    def read(self) -> tuple[Account, ...]:
        """Return the accounts by name."""
        return tuple(sorted(self.context.accounts.everybody(), key=lambda each: each.user.name.casefold()))

    def take(self, kept: tuple[Account, ...]) -> None:
        """Show the accounts; nothing is chosen to be done."""
        self._accounts, self.typed, self._act = kept, {}, ""

    def fields(self) -> tuple[SettingField, ...]:
        """Return the accounts, what can be done with the one under the cursor, and how another one is added."""
        disabled = Tag(message("pengaturan.disabled"), Tone.CAUTION)
        lines = tuple(
            Line(
                each.user.user_id,
                each.user.name,
                message(f"role.{each.user.role.value}"),
                tag=disabled if each.is_disabled else None,
            )
            for each in self._accounts
        )
        count: Message = message("pengaturan.users_count", count=len(lines))
        shown = (SettingField("users", Kind.LINES, count, lines=lines),)
        facts: tuple[tuple[Message, Message], ...] = ((message("pengaturan.how_to_add"), _ADD_USER),)
        note = message("pengaturan.add_note")
        add = SettingField("add", Kind.FACTS, message("pengaturan.add_user"), facts=facts, note=note, column=1)
        return (*shown, *(self._changing() if self._may_change else ()), add)

    def point(self, name: str, line: str) -> bool:
        """Let the acts be those of another account."""
        if name == "users" and line != self._user:
            self._user = line
            return True
        return False

    def tick(self, name: str, line: str) -> None:
        """Choose what is done."""
        if name == "act" and line in _ACTS:
            self._act = "" if line == self._act else line

    def place_of(self, problem: Problem) -> str:
        """A passphrase that is too weak stands under its field."""
        is_weak = problem.code.startswith(("vault.passphrase_", "vault.weak_passphrase"))
        return "passphrase" if is_weak else super().place_of(problem)

    def keep(self) -> Callable[[], Message]:
        """Return what does the chosen act."""
        user, act, passphrase = self._chosen, self._act, self.typed.get("passphrase", "")

        def kept() -> Message:
            accounts = self.context.accounts
            if act == AGAIN:
                return message("pengaturan.user_again_saved", name=accounts.start_anew(user, passphrase).name)
            if act == DISABLE:
                return message("pengaturan.user_disable_saved", name=accounts.disable(user).name)
            if act == REMOVE:
                return message("pengaturan.user_remove_saved", name=accounts.remove(user).name)
            raise InputError("account.no_act")

        return kept

    def _changing(self) -> tuple[SettingField, ...]:
        name = next((each.user.name for each in self._accounts if each.user.user_id == self._chosen), "–")
        acts = tuple(
            Line(act, message(f"pengaturan.user_{act}"), is_on=act == self._act, is_alone=True) for act in _ACTS
        )
        doing = SettingField("act", Kind.LINES, message("pengaturan.user_act", name=name), lines=acts, column=1)
        label, note = message("pengaturan.first_passphrase"), message("pengaturan.first_passphrase_note")
        typed = self.typed.get("passphrase", "")
        return (doing, SettingField("passphrase", Kind.SECRET, label, typed, note=note, column=1))

    @property
    def _may_change(self) -> bool:
        return self.context.user.may(Permission.ADD_USERS)

    @property
    def _chosen(self) -> str:
        known = [each.user.user_id for each in self._accounts]
        return self._user if self._user in known else next(iter(known), "")
