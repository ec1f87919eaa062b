"""Pengguna dan kunci: everybody keeps the own passphrase and PIN, an admin the accounts of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldkit.domain.errors import InputError, RuleError, VaultError
from fieldkit.domain.people.accounts import Permission, Role, User, checked_id, checked_name
from fieldkit.ports.accounts import Account, Accounts
from fieldkit.services.office_bundles.office_words import listed_in
from fieldkit.services.people.keep_second_factor import name_of
from fieldkit.services.people.unlock_by_finger import operator_key
from fieldkit.services.unit_of_work import UnitsOfWork


class KeepAccounts:
    """The accounts of this kit, for who is signed in; what changes is noted in the log, never a secret."""

    def __init__(self, units: UnitsOfWork, accounts: Accounts) -> None:
        self._units, self._accounts = units, accounts
        self._printed = ""  # the code of a sheet that was printed and not typed back yet

    def everybody(self) -> Sequence[Account]:
        """List all accounts in the order they were added, then who is to work here and has no key yet."""
        here = self._accounts.everybody()
        known = {account.user.user_id for account in here}
        with self._units.read() as unit:
            listed = [user for user in listed_in(unit) if user.user_id not in known]
        return (*here, *(Account(user, is_disabled=False, is_new=True) for user in listed))

    def change_passphrase(self, old: str, new: str) -> None:
        """Change one's own passphrase. Raise `VaultError`, `InputError` `vault.weak_passphrase…`."""
        self._accounts.change_passphrase(self._units.user.user_id, old, new)
        self._note("passphrase_changed", self._units.user.user_id, Permission.READ_STATUS)

    def set_pin(self, passphrase: str, pin: str) -> None:
        """Set one's own PIN, "" takes it away. Raise `VaultError`, `InputError` `vault.pin_form`."""
        self._accounts.set_pin(self._units.user.user_id, passphrase, pin)
        self._note("pin_changed" if pin else "pin_removed", self._units.user.user_id, Permission.READ_STATUS)

    def new_sheet(self) -> str:
        """Return the code of a new recovery sheet, to be printed; it opens nothing before it was typed back."""
        self._units.demand(Permission.ADD_USERS)
        self._printed = self._accounts.new_sheet()
        return self._printed

    def prove_sheet(self, typed: str) -> None:
        """Let the sheet that was printed open this kit, once its code was read from it.

        Raise `RuleError("sheet.print_first")`, `InputError("sheet.differs")`.
        """
        self._units.demand(Permission.ADD_USERS)
        if not self._printed:
            raise RuleError("sheet.print_first")
        if _letters(typed) != _letters(self._printed):
            raise InputError("sheet.differs")
        self._accounts.keep_sheet(self._units.user.user_id, self._printed)
        self._printed = ""
        self._note("recovery_sheet_made", self._units.user.user_id, Permission.ADD_USERS)

    def has_sheet(self) -> bool:
        """Return whether a recovery sheet of the signed-in user opens this kit."""
        return self._accounts.has_sheet(self._units.user.user_id)

    def add(self, user: User, passphrase: str, pin: str = "") -> User:
        """Add a user; the gateway issues the certificate. Raise `InputError`, `RuleError`, `TransferError`."""
        self._units.demand(Permission.ADD_USERS)
        tidy = replace(user, user_id=checked_id(user.user_id.strip()), name=checked_name(user.name))
        if any(account.user.user_id == tidy.user_id for account in self._accounts.everybody()):
            raise RuleError("vault.user_exists", name=tidy.name).at("user_id")
        self._accounts.start_anew(tidy, passphrase, pin, lambda: self._keep(tidy, "user_added", role=tidy.role.value))
        return tidy

    def start_anew(self, user_id: str, passphrase: str, pin: str = "", role: Role | None = None) -> User:
        """Give another user a new start: key, certificate, passphrase, PIN, and the role, which the certificate names.

        Raise `RuleError`, `InputError`, `TransferError`.
        """
        account = self._another(user_id)
        before = account.user
        user = replace(before, role=role or before.role)
        was = {} if user == before else {"role": user.role.value, "was": before.role.value}
        kind, facts = ("user_added", {"role": user.role.value}) if account.is_new else ("user_restarted", was)
        self._accounts.start_anew(user, passphrase, pin, lambda: self._keep(user, kind, **facts))
        return user

    def disable(self, user_id: str, reason: str = "") -> User:
        """Let a user no longer sign in; the name stays. Raise `RuleError`."""
        user = self._another(user_id).user
        self._accounts.disable(user_id)
        self._keep(user, "user_disabled", **({"reason": reason.strip()} if reason.strip() else {}))
        return user

    def remove(self, user_id: str, reason: str = "") -> User:
        """Take a user off the list of this kit; what the user did stays in the log. Raise `RuleError`."""
        user = self._another(user_id).user
        self._accounts.remove(user_id)
        with self._units.write(Permission.ADD_USERS) as work:
            work.unit.finger_templates.erase(operator_key(user_id))
            work.unit.settings.put(name_of(user_id), None)
            work.unit.save_user(user)  # the name stays in the log's words; lists of accounts are told
            work.note("user_removed", user_id, **({"reason": reason.strip()} if reason.strip() else {}))
        return user

    def with_second_factor(self) -> frozenset[str]:
        """Return the ids of those who are asked for a second factor."""
        ids = [account.user.user_id for account in self._accounts.everybody()]
        with self._units.read() as unit:
            return frozenset(user_id for user_id in ids if unit.settings.get(name_of(user_id)))

    def reset_second_factor(self, user_id: str) -> User:
        """Ask another user for no code any more, whose phone and spare codes are gone. Raise `RuleError`."""
        user = self._another(user_id).user
        with self._units.write(Permission.ADD_USERS) as work:
            work.unit.settings.put(name_of(user_id), None)
            work.unit.save_user(user)  # lists of accounts are told
            work.note("second_factor_reset", user_id)
        return user

    def _another(self, user_id: str) -> Account:
        self._units.demand(Permission.ADD_USERS)
        if user_id == self._units.user.user_id:
            raise RuleError("account.yourself")
        for account in self.everybody():
            if account.user.user_id == user_id:
                return account
        raise VaultError("vault.unknown_user")

    def _keep(self, user: User, kind: str, **facts: str) -> None:
        with self._units.write(Permission.ADD_USERS) as work:
            work.unit.save_user(user)
            work.note(kind, user.user_id, **facts)

    def _note(self, kind: str, user_id: str, permission: Permission) -> None:
        with self._units.write(permission) as work:
            work.note(kind, user_id)


def _letters(code: str) -> str:
    return "".join(letter for letter in code.upper() if letter.isalnum())
