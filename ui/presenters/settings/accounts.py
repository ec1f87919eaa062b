"""Pengaturan: one's own passphrase and PIN, and the accounts of this kit, which an admin keeps."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.accounts import Account
from fieldkit.services.people.keep_second_factor import Standing
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.settings.section import Kind, Section, SettingField


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
