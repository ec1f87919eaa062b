"""The ways back of the home of this laptop, for a window in which nobody is signed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError, KnownError, reason_of
from fieldkit.domain.people import Role, User, checked_id
from fieldkit.vault import slot_copies
from fieldkit.vault.keyslots import HARD, KeySlotFile

# What each way needs is imported by it: the sign-in screen and the window of a start problem must stand at once.
if TYPE_CHECKING:
    from fieldkit.app.bootstrap.restore import Unlock
    from fieldkit.domain.people import Slip
    from fieldkit.media.place import Place
    from fieldkit.ports.exchange import Drive, FoundBackup, NewSecrets, SlipTyped, Way

T = TypeVar("T")
_MOST_IDENTITY_BYTES = 64 * 1024


class Aside(Protocol):
    """Whoever holds the home lets go of it for one piece of work."""

    def __call__(self, work: Callable[[], T]) -> T:
        """Do the work while nobody else has the home."""
        ...


def at_once(work: Callable[[], T]) -> T:
    """Do the work: nobody holds the home."""
    return work()


class HomeWaysBack:
    """Implements `WaysBack`; every way takes the home's own lock while it works."""

    def __init__(self, home: Home, aside: Aside = at_once) -> None:
        self._home, self._aside = home, aside

    def offered(self) -> Sequence[Way]:
        """Return what makes sense: without key slots a backup comes first, and nobody can let the kit in again."""
        from fieldkit.ports.exchange import Way

        if (slots := self._slots()) is not None:
            return (*((Way.SHEET,) if slots.sheets() else ()), Way.RECOVER, Way.READMIT, Way.RESTORE)
        return (Way.RESTORE, Way.RECOVER) if slot_copies.escrows(self._home.slots) else (Way.RESTORE,)

    def drives(self) -> Sequence[Drive]:
        """List the sticks that are plugged in."""
        from fieldkit.app.bootstrap.stick_backups import plugged_in

        return plugged_in("")

    def admins(self) -> Sequence[User]:
        """Return the admins of the key slots, also those who were disabled: a recovery gives them a new start."""
        slots = self._slots()
        known = (*slots.names(), *slots.disabled()) if slots is not None else ()
        return [user for user in known if user.role is Role.ADMIN_DINAS]

    def backups(self, place: str) -> Sequence[FoundBackup]:
        """Read what each backup states; its files are read when it is put back."""
        from fieldkit.app.bootstrap.stick_backups import STATEMENT, backups_on, read_statement
        from fieldkit.domain.typed import path_of
        from fieldkit.media.place import Place
        from fieldkit.ports.exchange import FoundBackup

        folder = Place(path_of(place))
        found: list[FoundBackup] = []
        for each in [folder] if (folder / STATEMENT).exists() else backups_on(folder):
            with suppress(KnownError):  # a damaged one is no backup; those beside it may be whole
                stated, clock = read_statement(each).stated, Home(each.path).clock()
                made_at, slots = clock.local(stated.made_at), _slots_of(each)
                people, has_sheet = tuple(slots.names()), bool(slots.sheets())
                found.append(FoundBackup(str(each.path), stated.kit, made_at, stated.records, people, has_sheet))
        if not found:
            raise InputError("backup.none_here", where=str(folder))
        return sorted(found, key=lambda backup: backup.made_at, reverse=True)

    def restore(self, folder: str, user_id: str, passphrase: str) -> FoundBackup:
        """Put a backup back that this passphrase opens: a passer-by with a stick must not change what is here."""
        from fieldkit.app.bootstrap.restore import by_passphrase

        return self._put_back(folder, by_passphrase(user_id, passphrase))

    def restore_by_sheet(self, folder: str, code: str) -> FoundBackup:
        """Do the same with a recovery sheet: who made the backup is proven either way."""
        from fieldkit.app.bootstrap.restore import by_sheet

        return self._put_back(folder, by_sheet(code))

    def _put_back(self, folder: str, unlock: Unlock) -> FoundBackup:
        from fieldkit.app.bootstrap.restore import check_opens, restore
        from fieldkit.app.bootstrap.stick_backups import verify_backup
        from fieldkit.media.place import Place
        from fieldkit.ports.exchange import FoundBackup

        source = Place(Path(folder))
        clock = Home(source.path).clock()
        proven = check_opens(source, verify_backup(source), unlock, clock)
        done = self._aside(lambda: restore(source, self._home, clock, proven))
        people = tuple(_slots_of(source).names())
        return FoundBackup(folder, done.kit, clock.local(done.made_at), done.records, people)

    def recover_by_sheet(self, code: str, passphrase: str, pin: str) -> User:
        """Open the slot of the sheet, and give the admin a new passphrase."""
        from fieldkit.app.bootstrap.rescue import recover_by_sheet

        return self._aside(lambda: recover_by_sheet(self._home, code, passphrase, pin))

    def recover(self, secrets: NewSecrets, slip: SlipTyped) -> User:
        """Open the escrow with the key in the file, and give the admin a new passphrase."""
        from fieldkit.app.bootstrap.enrolment import NewUser
        from fieldkit.app.bootstrap.rescue import known_admin, recover_kit
        from fieldkit.domain.typed import path_of
        from fieldkit.media.place import Place
        from fieldkit.vault.passphrases import measured

        file = path_of(secrets.identity_file)
        try:
            identity = Place.of_file(file).read(_MOST_IDENTITY_BYTES).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error
        admin = known_admin(self._home, checked_id(secrets.user_id), secrets.name)
        new, read = NewUser(admin, secrets.passphrase, secrets.pin), _read(slip)
        self._aside(lambda: recover_kit(self._home, identity, read, new, measured()))
        return admin

    def readmit(self, slip: SlipTyped, user_id: str, passphrase: str) -> str:
        """Ask the gateway for new certificates on the word of an admin's passphrase."""
        from fieldkit.app.bootstrap.rescue import readmit_kit

        read = _read(slip)
        return self._aside(lambda: readmit_kit(self._home, read, user_id, passphrase)).kit_id

    def _slots(self) -> KeySlotFile | None:
        try:
            return self._home.key_slots()
        except KnownError:
            return None


def _slots_of(folder: Place) -> KeySlotFile:
    """Return the key slots of a backup; nothing on it is mended."""
    from fieldkit.app.bootstrap.rescue import slots_of

    return KeySlotFile(folder.path, slots_of(folder), HARD)


def _read(slip: SlipTyped) -> Slip:
    from fieldkit.app.bootstrap.slip import read_slip
    from fieldkit.domain.people import Slip
    from fieldkit.domain.typed import path_of

    if slip.file.strip():
        return Slip(*read_slip(path_of(slip.file)))
    typed = (slip.url.strip(), slip.code.strip(), slip.ca_fingerprint.strip())
    if not all(typed):
        raise InputError("pulih.slip_missing")
    return Slip(*typed)
