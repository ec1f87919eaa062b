"""Open the store of a home for who signed in; a damaged one is set aside first, and the work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import SETTING, KitSettings
from fieldkit.app.bootstrap.stick_backups import SettingsCopy
from fieldkit.domain.delivery import kept_value
from fieldkit.domain.errors import Problem, StoreError, VaultError
from fieldkit.domain.people import User
from fieldkit.ports.clock import Clock
from fieldkit.services.recording.seal_record import ARCHIVE_READ
from fieldkit.services.unit_of_work import UnitOfWork
from fieldkit.storage.copies import Copies, Replaced, is_left_open, replace_damaged
from fieldkit.storage.reserve import RESERVE, Reserve
from fieldkit.storage.salvage import DAMAGE_NOTE, DamageNote, key_fits
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.vault.derived import DerivedCipher
from fieldkit.vault.erasing import FileEraser

_JOURNAL_PURPOSE = "fieldkit session journal"
DAMAGED, _WRONG_KEY, _DISK_FULL = "store.damaged", "store.wrong_key", "store.disk_full"
_GONE = "store.gone"


@dataclass(frozen=True, slots=True)
class Opener:
    """Who opens which home, with the key that the key slots gave."""

    home: Home
    db_key: bytes
    kit_id: str
    user: User
    clock: Clock
    ids: UuidV7

    @property
    def journals(self) -> SessionJournals:
        """Return the journals of open recordings."""
        cipher = DerivedCipher(self.db_key, _JOURNAL_PURPOSE)
        return SessionJournals(self.home.sessions, cipher, FileEraser().overwrite)

    @property
    def damage(self) -> DamageNote:
        """Return the note that the store is damaged."""
        return DamageNote(self.home.path / DAMAGE_NOTE)

    @property
    def settings_copy(self) -> SettingsCopy:
        """Return what enrolment left, beside the store."""
        return SettingsCopy(self.home.path / "enrolment.sealed", self.db_key)


@dataclass(frozen=True, slots=True)
class OpenedHome:
    """An open store; `replaced` says that it took the place of a damaged one, `was_cut` that nobody had closed it."""

    store: SqlStore
    settings: KitSettings
    replaced: Replaced | None
    was_cut: bool

    def problems(self, clock: Clock) -> Iterator[Problem]:
        """Return what a person must hear, once."""
        if self.replaced is None:
            return
        found = self.replaced
        params: dict[str, str | int] = {
            "aside": found.aside,
            "rows": sum(found.rows.values()),
            "tables": ", ".join(sorted(found.unread)) or "-",
        }
        if found.copy_from is None:
            yield Problem("store.replaced", params)
        else:
            at = f"{clock.local(found.copy_from):%d-%m-%Y %H.%M}"
            yield Problem("store.replaced_by_copy", {**params, "at": at})


def open_home(opener: Opener) -> OpenedHome:
    """Open the store and keep its journals from now on. Raise `StoreError`, `VaultError`."""
    if not opener.damage.is_written:
        try:
            return _open(opener, None)
        except (StoreError, VaultError) as error:
            if not _is_damage(opener, error):
                raise
    needed = () if opener.settings_copy.read() else (SETTING,)
    now = opener.clock.now()
    return _open(opener, replace_damaged(opener.home.database, opener.db_key, opener.journals, now, needed))


def _is_damage(opener: Opener, error: StoreError | VaultError) -> bool:
    """Return whether the file is at fault; the key slots vouch for the key, and a page or the settings prove it."""
    if error.code == _WRONG_KEY:
        return key_fits(opener.home.database, opener.db_key) or opener.settings_copy.read() is not None
    if error.code == _GONE:
        return Copies(opener.home.copies).newest_good(opener.db_key) is not None
    return error.code == DAMAGED


def _open(opener: Opener, replaced: Replaced | None) -> OpenedHome:
    opener.home.demand_store()
    was_cut = is_left_open(opener.home.database)
    store = open_store(opener.home.database, opener.db_key, opener.kit_id, opener.clock, opener.ids)
    try:
        with store.read() as unit:
            newest = unit.events.newest_id()
        opener.ids.rise_above(newest)  # also when the clock went back between two sign-ins
        try:
            store.keep_journals(opener.journals)
        except StoreError as error:
            if error.code != _DISK_FULL:
                raise
        settings = _settings(opener, store)
        opener.settings_copy.keep(settings)
        Reserve(opener.home.path / RESERVE).keep()
        if replaced is not None:
            _note(opener, store, replaced)
    except BaseException:
        store.close()
        raise
    return OpenedHome(store, settings, replaced, was_cut)


def _settings(opener: Opener, store: SqlStore) -> KitSettings:
    try:
        return KitSettings.load(store)
    except StoreError:
        kept = opener.settings_copy.read()
        if kept is None:
            raise
        kept.save(store)
        return kept


def _note(opener: Opener, store: SqlStore, replaced: Replaced) -> None:
    """Begin a new chain: the one of the damaged store may have gone further than what is left of it tells."""
    with store.read() as unit:
        kept = kept_value(unit.events.head())
    chain = store.begin_chain()
    with store.write() as unit:
        unit.settings.put(ARCHIVE_READ, 0)  # rows may be missing of what was purged and archived
        if opener.user not in unit.users():
            unit.save_user(opener.user)
        work = UnitOfWork(unit, opener.user, opener.clock.now(), opener.ids)
        work.note("chain_begun", chain, reason="store_replaced", kept=kept)
        work.note(
            "store_replaced",
            opener.kit_id,
            aside=replaced.aside,
            copy=replaced.copy_from.isoformat() if replaced.copy_from else "",
            rows=sum(replaced.rows.values()),
            unread=sorted(replaced.unread),
            rebuilt=list(replaced.rebuilt),
        )
    with suppress(StoreError):
        store.keep_mark()
