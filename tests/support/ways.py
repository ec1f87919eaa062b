"""Ways back that do what the test wants and note what they were asked."""

from __future__ import annotations

from collections.abc import Sequence

from support.clock import NOW

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.people import Role, User
from fieldkit.ports.exchange import Drive, FoundBackup, NewSecrets, SlipTyped, Way

ADMIN = User("sri", "Sri Admin", Role.ADMIN_DINAS)
RINA = User("u1", "Rina Wulandari", Role.PETUGAS_PEREKAMAN)
STICK = "/media/rina/KINGSTON"


class ListedWays:
    """A `WaysBack` over lists that the test writes; `refusal` is what the next way meets."""

    def __init__(self, *ways: Way) -> None:
        self.ways = ways or (Way.RECOVER, Way.READMIT, Way.RESTORE)
        self.known: list[User] = [ADMIN]
        self.listed = [Drive(STICK, "KINGSTON", 14_000_000_000)]
        folder = f"{STICK}/fieldkit/KIT-07/backup-20261121T030000Z"
        self.there = {STICK: [FoundBackup(folder, "KIT-07", NOW, 3, (RINA, ADMIN))]}
        self.refusal: KnownError | None = None
        self.restored: list[tuple[str, str, str]] = []
        self.recovered: list[tuple[NewSecrets, SlipTyped]] = []
        self.restored_by_sheet: list[tuple[str, str]] = []
        self.by_sheet: list[tuple[str, str, str]] = []
        self.readmitted: list[tuple[SlipTyped, str, str]] = []

    def offered(self) -> Sequence[Way]:
        return self.ways

    def drives(self) -> Sequence[Drive]:
        return list(self.listed)

    def admins(self) -> Sequence[User]:
        return list(self.known)

    def backups(self, place: str) -> Sequence[FoundBackup]:
        if place not in self.there:
            raise InputError("backup.none_here", where=place)
        return self.there[place]

    def restore(self, folder: str, user_id: str, passphrase: str) -> FoundBackup:
        self._meet()
        self.restored.append((folder, user_id, passphrase))
        return self._found(folder)

    def restore_by_sheet(self, folder: str, code: str) -> FoundBackup:
        self._meet()
        self.restored_by_sheet.append((folder, code))
        return self._found(folder)

    def _found(self, folder: str) -> FoundBackup:
        return next(each for found in self.there.values() for each in found if each.folder == folder)

    def recover_by_sheet(self, code: str, passphrase: str, pin: str) -> User:
        self._meet()
        self.by_sheet.append((code, passphrase, pin))
        return ADMIN

    def recover(self, secrets: NewSecrets, slip: SlipTyped) -> User:
        self._meet()
        self.recovered.append((secrets, slip))
        return next((user for user in self.known if user.user_id == secrets.user_id), ADMIN)

    def readmit(self, slip: SlipTyped, user_id: str, passphrase: str) -> str:
        self._meet()
        self.readmitted.append((slip, user_id, passphrase))
        return "KIT-07"

    def _meet(self) -> None:
        if self.refusal is not None:
            raise self.refusal
