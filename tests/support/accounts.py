"""Accounts in memory, where no test needs key slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldkit.domain.errors import InputError, RuleError, TransferError, VaultError
from fieldkit.domain.people.accounts import Role, User
from fieldkit.ports.accounts import Account

OLD = "sawah hijau subuh"


class ListedAccounts:
    """Implements `Accounts`: everybody has the same passphrase in the beginning."""

    def __init__(self, users: Sequence[User]) -> None:
        self._users = {user.user_id: Account(user, is_disabled=False) for user in users}
        self.passphrases = {user.user_id: OLD for user in users}
        self.pins: dict[str, str] = {}
        self.has_line = True

    def everybody(self) -> Sequence[Account]:
        return tuple(self._users.values())

    def change_passphrase(self, user_id: str, old: str, new: str) -> None:
        self._check(user_id, old)
        if len(new) < 8:
            raise InputError("vault.weak_passphrase", least=8)
        self.passphrases[user_id] = new

    def set_pin(self, user_id: str, passphrase: str, pin: str) -> None:
        self._check(user_id, passphrase)
        if pin and len(pin) != 6:
            raise InputError("vault.pin_form", digits=6)
        self.pins[user_id] = pin

    def start_anew(self, user: User, passphrase: str, pin: str, certified: Callable[[], None]) -> None:
        if not self.has_line:
            raise TransferError("sync.unreachable")
        if len(passphrase) < 8:
            raise InputError("vault.weak_passphrase", least=8)
        certified()
        self._users[user.user_id] = Account(user, is_disabled=False)
        self.passphrases[user.user_id], self.pins[user.user_id] = passphrase, pin

    def disable(self, user_id: str) -> None:
        self._keep_an_admin(user_id)
        self._users[user_id] = Account(self._users[user_id].user, is_disabled=True)

    def remove(self, user_id: str) -> None:
        self._keep_an_admin(user_id)
        del self._users[user_id]

    def _check(self, user_id: str, passphrase: str) -> None:
        if self.passphrases[user_id] != passphrase:
            raise VaultError("vault.wrong_passphrase", left=4)

    def _keep_an_admin(self, user_id: str) -> None:
        admins = [each.user.user_id for each in self._users.values() if each.user.role is Role.ADMIN_DINAS]
        if admins == [user_id]:
            raise RuleError("vault.last_admin")
