"""Put a backup back: onto an empty laptop, or onto the one that it came from.

Everything is copied into `restoring.part` and verified there; one rename to `restoring` decides. From then on each file
is moved to its place, which can be repeated after any kill: the stick is no longer needed, and no kit opens before.
Nothing of the home is erased: the store that was there goes into `damaged`, sealed files stay.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.rescue import kit_of_slots, slots_of, stated_by
from fieldkit.app.bootstrap.stick_backups import (
    DATABASE,
    SLOTS,
    STATEMENT,
    ReadStatement,
    StatedFile,
    read_statement,
    verify_backup,
)
from fieldkit.domain.delivery import kept_value
from fieldkit.domain.errors import InputError, KnownError, Problem, RuleError, StoreError, VaultError
from fieldkit.media.carried_files import carry_file, demand_room, digest_of_file, failed, make_folder, write_file
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import MANIFEST, SEALED, find_pairs
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SignerRole
from fieldkit.storage.copies import check_copy
from fieldkit.storage.home_lock import HomeLock, make_private, sync_folder
from fieldkit.storage.store import SqlStore, open_store
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot

# Open a backup with a secret to see that its store is whole and that the dinas certified who made it.

Unlock = Callable[[KeySlotFile, datetime], OpenSlot]


@dataclass(frozen=True, slots=True)
class Proven:
    """A backup that somebody's secret opened and whose maker is known to the CA inside its store."""

    digest: str  # of the signed statement
    opened_by: str  # user_id


def by_passphrase(user_id: str, passphrase: str) -> Unlock:
    """Open the slot of a user; without `user_id` that of the only one. Raise `InputError("cli.which_user")`."""

    def unlock(slots: KeySlotFile, now: datetime) -> OpenSlot:
        people = slots.names()
        if not user_id and len(people) != 1:
            raise InputError("cli.which_user", users=", ".join(person.user_id for person in people))
        return slots.unlock(user_id or people[0].user_id, passphrase, now)

    return unlock


def by_sheet(code: str) -> Unlock:
    """Open the slot of a recovery sheet."""
    return lambda slots, now: slots.open_sheet(code, now)


def check_opens(folder: Place, read: ReadStatement, unlock: Unlock, clock: Clock) -> Proven:
    """Open the store of a backup.

    All of it happens on a copy: a backup that somebody tried to open must stay as it was signed. Raise `InputError`
    `cli.which_user`; `VaultError` for a secret that does not fit or a maker whom the dinas does not know;
    `StoreError`: `backup.damaged`, `store.damaged`.
    """
    with tempfile.TemporaryDirectory(prefix="fieldkit-") as temporary:
        place = Path(temporary)
        for file in (each for each in read.stated.files if each.name == DATABASE or SLOTS.fullmatch(each.name)):
            if carry_file(folder / file.name, Place(place) / file.name).sha256 != file.sha256:
                raise StoreError("backup.damaged", count=1, names=file.name)
        slots = KeySlotFile.open(place / "keyslots.json")
        opened = unlock(slots, clock.now())
        check_copy(place / DATABASE, opened.db_key)
        store = open_store(place / DATABASE, opened.db_key, slots.kit_id, clock, UuidV7(clock))
        try:
            authority = KitSettings.load(store).ca_certificate
        finally:
            store.close()
    demand_maker(read, authority)
    return Proven(read.digest, opened.user.user_id)


def demand_maker(read: ReadStatement, authority: bytes) -> None:
    """Raise `VaultError` unless a kit of this name signed the statement, certified by the CA (DER) then."""
    signer = verify_signer(read.certificate, [authority], read.stated.made_at)
    if (signer.role, signer.signer_id) != (SignerRole.KIT, read.stated.kit):
        raise VaultError("proof.other_kit", kit=read.stated.kit, signer=signer.signer_id)


# What configures a kit and came with a backup: it waits beside the home until a sign-in proved who signed it.
#
# `devices.toml` names programs and comes from no backup at all.

WAITING = "restored"  # folder of the home
_CONFIGURES = re.compile(r"policy\.yaml|(trust|sop)/.+")


def configures(name: str) -> bool:
    """Return whether a file of a home (with slashes) says whom or what the kit believes."""
    return _CONFIGURES.fullmatch(name) is not None


def take_proven(home: Path, authority: bytes) -> Problem | None:
    """Take what waits when the CA of the store (DER) certified its signer, and return what to tell when it did not.

    What the home has itself stays. A kill at any point costs nothing: what is not taken yet still waits.
    """
    here = Place(home)
    waiting = here / WAITING
    if not waiting.is_folder():
        return None
    try:
        read = read_statement(waiting)
        demand_maker(read, authority)
    except KnownError:
        waiting.remove()
        return Problem("backup.not_proven")
    try:
        for file in filter(lambda file: configures(file.name), read.stated.files):
            target = here / file.name
            if not target.exists() and is_same(waiting / file.name, file):
                make_folder(target.parent)
                carry_file(waiting / file.name, target)
    except StoreError as error:  # a full disk keeps nobody out
        return error.problem
    waiting.remove()
    return None


def is_same(place: Place, stated: StatedFile) -> bool:
    """Return whether a file is what a statement says."""
    try:
        found = digest_of_file(place)
    except StoreError:
        return False
    return (found.size_bytes, found.sha256) == (stated.size_bytes, stated.sha256)


STAGED = "restoring"
RESTORED = "restored.json"  # tells the next sign-in that the store was put back and begins a new chain
_UNFINISHED = "restoring.part"
_DAMAGED = "damaged"
_DEVICES = "devices.toml"  # older backups hold it; it names programs, and those come from no stick


class Restored(BaseModel):
    """What was put back. `set_aside` is the folder in `damaged` with what stood there before, when anything did."""

    model_config = ConfigDict(frozen=True)

    kit: str
    made_at: AwareDatetime
    restored_at: AwareDatetime
    records: int
    digest: str  # of the backup's statement
    set_aside: str
    slots: tuple[str, ...] = ()  # key slots that came with the store, none when those of the home fit it

    def problem(self, clock: Clock) -> Problem:
        """Return what the next person who signs in must hear."""
        return Problem("backup.restored", {"at": f"{clock.local(self.made_at):%d-%m-%Y %H.%M}"})


def restore(folder: Place, home: Home, clock: Clock, proven: Proven) -> Restored:
    """Verify a backup that was opened and lay it out in a home; one that a kill cut off is finished or begun anew.

    What configures the kit waits in a folder of its own for the first sign-in (`take_proven`).

    Raise `InputError` `backup.…`, `RuleError("backup.other_kit")`, `StoreError`: `backup.damaged`, `store.in_use`,
    `restore.no_room`, `stick.…`.
    """
    read = read_statement(folder)
    if read.digest != proven.digest:  # another one lies there now
        raise StoreError("backup.damaged", count=1, names=STATEMENT)
    make_folder(Place(home.path))
    with ExitStack() as locks:
        for path in (home.lock, home.path / ".lock"):
            locks.callback(HomeLock(path).release)
        finished = _finish(home.path)
        if finished is not None and finished.digest == read.digest:
            return finished
        _demand_same_kit(home, read.stated.kit)
        verify_backup(folder)
        told = _stage(folder, home, read, clock.now())
        _finish(home.path)
        return told


def finish_restore(home: Path) -> None:
    """Finish a restore that was killed after it was decided; without one nothing happens. Raise `StoreError`."""
    if (home / STAGED).is_dir():
        with ExitStack() as locks:
            locks.callback(HomeLock(home / "kit.lock").release)
            _finish(home)


def begin_again(home: Path, store: SqlStore, actor: str, at: datetime) -> Restored | None:
    """Begin a new chain when a store was put back since the last sign-in, and return what it was; None when none was.

    Two laptops may hold the same backup: what each of them does from now on must not claim the same places of a chain.
    """
    told = _told_in(home / RESTORED)
    if told is None:
        return None
    with store.read() as unit:
        kept = kept_value(unit.events.head())
    store.begin_chain()
    with store.write() as unit:
        payload = {"backup": told.digest, "made_at": told.made_at.isoformat(), "kept": kept}
        unit.events.append("kit_restored", told.kit, payload, actor, at)
    # Only now: a kill before this begins one chain too many, which harms nobody.
    (home / RESTORED).unlink()
    sync_folder(home)
    return told


def _demand_same_kit(home: Home, kit: str) -> None:
    here = kit_of_slots(Place(home.path)) or _kit_of_records(Place(home.path) / "sealed")
    if here not in ("", kit):
        raise RuleError("backup.other_kit", kit=kit, here=here)


def _kit_of_records(sealed: Place) -> str:
    stated = (stated_by(pair.manifest) for pair in find_pairs(sealed).pairs)
    return next((manifest.kit for manifest in stated if manifest is not None), "")


# --- a copy beside the home


def _stage(folder: Place, home: Home, read: ReadStatement, now: datetime) -> Restored:
    staged, stated = Place(home.path) / _UNFINISHED, read.stated
    staged.remove()  # of a restore that was killed before it was decided
    wanted = _wanted(folder, home, stated.files)
    demand_room(staged, len(wanted), sum(file.size_bytes for file in wanted), "restore.no_room")
    try:
        make_private(home.path)
        make_folder(staged)
        for file in wanted:
            target = staged / (f"{WAITING}/{file.name}" if configures(file.name) else file.name)
            make_folder(target.parent)
            if carry_file(folder / file.name, target).sha256 != file.sha256:
                raise StoreError("backup.damaged", count=1, names=file.name)
        if any(configures(file.name) for file in wanted):
            carry_file(folder / STATEMENT, staged / WAITING / STATEMENT)
        told = Restored(
            kit=stated.kit,
            made_at=stated.made_at,
            restored_at=now,
            records=stated.records,
            digest=read.digest,
            set_aside=f"before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            slots=tuple(file.name for file in wanted if SLOTS.fullmatch(file.name)),
        )
        write_file(staged / RESTORED, told.model_dump_json().encode())
    except KnownError:
        staged.remove()
        raise
    try:
        staged.rename(STAGED)
    except OSError as error:
        raise failed(staged, error) from error
    return told


def _wanted(folder: Place, home: Home, files: tuple[StatedFile, ...]) -> list[StatedFile]:
    """Return what of a backup the home does not have better already."""
    has_fitting_slots = _fits(Place(home.path), folder)
    is_new = not home.database.exists() and not home.is_enrolled
    sealed = {file.name: file for file in files if file.name.endswith(SEALED)}
    wanted = []
    for file in files:
        name, present = file.name, (home.path / file.name).exists()
        if name == DATABASE:
            wanted.append(file)
        elif SLOTS.fullmatch(name) or name == "enrolment.sealed":
            if not has_fitting_slots or (name == "enrolment.sealed" and not present):
                wanted.append(file)
        elif name.startswith("sessions/"):
            if is_new:  # the journals of the home go on behind those of the backup
                wanted.append(file)
        elif name == "public.json" or configures(name):
            if not present:  # what the home has is newer than any backup
                wanted.append(file)
        elif name == _DEVICES:
            continue
        else:
            twin = sealed.get(name.removesuffix(MANIFEST) + SEALED, file)
            if not present or not is_same(Place(home.path) / twin.name, twin):
                wanted.append(file)
    return wanted


def _fits(home: Place, folder: Place) -> bool:
    """Return whether the slots of a home open the store of a backup: they know the newest passphrases."""
    try:
        mine, theirs = (slots_of(place).key_checks for place in (home, folder))
    except VaultError:
        return False
    return len(mine) == 1 and mine == theirs


# --- from the copy to the home; every step may be repeated


def _finish(home: Path) -> Restored | None:
    staged = home / STAGED
    if not staged.is_dir():
        return None
    told = _told_in(staged / RESTORED)
    if told is None and (staged / DATABASE).exists():
        raise StoreError("stick.unreadable", file=str(staged / RESTORED), detail="JSON")  # never thrown away unread
    try:
        if told is not None:
            _move_in(home, staged, told)
            _rename(staged / RESTORED, home / RESTORED)
        shutil.rmtree(staged)
        sync_folder(home)
    except OSError as error:
        raise failed(Place(home), error) from error
    return told or _told_in(home / RESTORED)


def _move_in(home: Path, staged: Path, told: Restored) -> None:
    aside = home / _DAMAGED / told.set_aside
    if (staged / DATABASE).exists():
        # The log before its store, and both certainly gone before the new store comes: a log beside another store
        # would be played into it.
        for suffix in ("-wal", "-journal", ""):
            _set_aside(home / f"{DATABASE}{suffix}", aside / f"{DATABASE}{suffix}")
        (home / f"{DATABASE}-shm").unlink(missing_ok=True)
        sync_folder(home)
        _rename(staged / DATABASE, home / DATABASE)
    files = [path.relative_to(staged) for path in staged.rglob("*") if path.is_file()]
    plain = [name for name in files if not SLOTS.fullmatch(str(name)) and name.name != RESTORED]
    for name in sorted(plain, key=lambda name: (name.suffix == SEALED, str(name))):  # a manifest before its file
        _set_aside(home / name, aside / name)
        make_folder(Place((home / name).parent))
        _rename(staged / name, home / name)
    # The slots last: they say that the home is whole. All old ones are gone before the first new one comes.
    for path in sorted(home.iterdir()) if told.slots else ():
        if SLOTS.fullmatch(path.name) and (path.name not in told.slots or (staged / path.name).exists()):
            _set_aside(path, aside / path.name)
    for slots in told.slots:
        if (staged / slots).exists():
            _rename(staged / slots, home / slots)


def _set_aside(path: Path, aside: Path) -> None:
    if path.exists():
        make_folder(Place(aside.parent))
        _rename(path, aside)


def _rename(source: Path, target: Path) -> None:
    source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def _told_in(path: Path) -> Restored | None:
    try:
        return Restored.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None
