"""Accounts in memory, where no test needs key slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from fieldkit.app.bootstrap.devices import ProviderFolder
from fieldkit.documents.letters import TypstSheets
from fieldkit.domain.errors import InputError, RuleError, TransferError, VaultError
from fieldkit.domain.people import Role, User
from fieldkit.ports.repositories import Account
from fieldkit.services.context.office import Office
from fieldkit.services.context.set_up import SetUp
from fieldkit.services.devices import KeepProviders
from fieldkit.services.people.keep_accounts import KeepAccounts, KeepSecondFactor
from fieldkit.services.unit_of_work import UnitsOfWork

OLD = "sawah hijau subuh"


class ListedAccounts:
    """Implements `Accounts`: everybody has the same passphrase in the beginning."""

    def __init__(self, users: Sequence[User]) -> None:
        self._users = {user.user_id: Account(user, is_disabled=False) for user in users}
        self.passphrases = {user.user_id: OLD for user in users}
        self.pins: dict[str, str] = {}
        self.has_line = True
        self.sheets: dict[str, str] = {}

    def everybody(self) -> Sequence[Account]:
        return tuple(self._users.values())

    def change_passphrase(self, user_id: str, old: str, new: str) -> None:
        self._check(user_id, old)
        if len(new) < 8:
            raise InputError("vault.weak_passphrase", least=8).at("new")
        self.passphrases[user_id] = new

    def set_pin(self, user_id: str, passphrase: str, pin: str) -> None:
        self._check(user_id, passphrase)
        if pin and len(pin) != 6:
            raise InputError("vault.pin_form", digits=6).at("pin")
        self.pins[user_id] = pin

    def start_anew(self, user: User, passphrase: str, pin: str, certified: Callable[[], None]) -> None:
        if not self.has_line:
            raise TransferError("sync.unreachable")
        if len(passphrase) < 8:
            raise InputError("vault.weak_passphrase", least=8).at("new")
        certified()
        self._users[user.user_id] = Account(user, is_disabled=False)
        self.passphrases[user.user_id], self.pins[user.user_id] = passphrase, pin

    def new_sheet(self) -> str:
        return "ABCD-EFGH-IJKL-MNOP-QRST"

    def keep_sheet(self, user_id: str, code: str) -> None:
        self.sheets[user_id] = code

    def has_sheet(self, user_id: str) -> bool:
        return user_id in self.sheets

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


def set_up_of(
    units: UnitsOfWork, office: Office, accounts: KeepAccounts, factor: KeepSecondFactor, trust: Path
) -> SetUp:
    """Return the checklist of a new kit, with a folder of providers and sheets that are drawn."""
    providers = KeepProviders(units, ProviderFolder(trust))
    return SetUp(office, accounts, factor, providers, TypstSheets(), "KIT-07", "Dispendukcapil Kabupaten Blitar")
