"""Take the sealed records off a laptop that no longer works: no passphrase, no store, only files."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from pydantic import ValidationError

from fieldkit.app.bootstrap.backup_folder import listed
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.delivery.sealed import MANIFEST_TYP
from fieldkit.domain.errors import InputError, KnownError, StoreError, VaultError
from fieldkit.media.carried_files import (
    carry_file,
    demand_room,
    digest_of_file,
    make_folder,
    write_file,
)
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import MANIFEST, MOST_MANIFEST_BYTES, SEALED, SealedPair, find_pairs
from fieldkit.ports.clock import Clock
from fieldkit.storage.home_lock import HomeLock
from fieldkit.vault import keys, slot_copies
from fieldkit.vault.jws import JwsVerifier
from fieldkit.vault.slot_file import SlotFile
from sync.protocol.messages import Manifest

REPORT = "rescue.json"
MOST_SLOTS_BYTES = 4_000_000  # some KB for each person
_DAMAGED = "damaged"  # files that are not what their manifest states lie apart, so that nobody takes them in
_CERTIFICATE_END = "-----END CERTIFICATE-----"


@dataclass(slots=True)
class Rescued:
    """What stands on the stick. All but `unreadable` was read back from it; names are those of the home."""

    kit: str
    folder: Place
    whole: dict[str, tuple[int, str]] = field(default_factory=dict)  # record id → bytes, hex SHA-256
    without_manifest: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    @property
    def size_bytes(self) -> int:
        """Return how much was carried over whole."""
        return sum(size for size, _ in self.whole.values())

    @property
    def is_all(self) -> bool:
        """Return whether nothing of the home was left behind or came over damaged."""
        return not self.damaged and not self.unreadable


def rescue(home: Home, stick: Path, clock: Clock) -> Rescued:
    """Copy every sealed record with its manifest to a stick; the report is written last.

    A folder that is not there is made in one that is. A rescue that was cut off is gone on with.
    Raise `InputError` `rescue.…`, `StoreError` `store.in_use`, `stick.…`.
    """
    _demand_places(home, stick)
    with ExitStack() as locks:
        _keep_others_out(home, locks)
        found = find_pairs(Place(home.path) / "sealed")
        stated = {pair: stated_by(pair.manifest) for pair in found.pairs}
        kit = _kit_of(home, [manifest for manifest in stated.values() if manifest])
        folder = _folder(Place(stick) / "fieldkit" / kit, clock)
        rescued = Rescued(kit, folder, unreadable=list(found.unreadable))
        missing = [pair for pair in found.pairs if not _is_there(folder, stated[pair])]
        demand_room(folder, 2 * len(missing), sum(map(_size, missing)))
        make_folder(folder)
        for pair in sorted(found.pairs, key=lambda pair: stated[pair] is None):  # one record may lie in two places
            _carry(pair, stated[pair], rescued)
        for at in (folder, folder / _DAMAGED):
            at.sweep()
        _report(rescued, clock)
    return rescued


def stated_by(manifest: Place | None) -> Manifest | None:
    """Return what the text beside a sealed file states, None when there is none that holds in itself.

    The certificate in it is not judged: the data center knows which it issued.
    """
    if manifest is None:
        return None
    try:
        token, _, rest = manifest.read(MOST_MANIFEST_BYTES).decode("ascii").partition("\n")
        pem = rest[: rest.index(_CERTIFICATE_END) + len(_CERTIFICATE_END)]
        verifier = JwsVerifier.of_certificate(keys.certificates_from_pem(pem)[0])
        stated = Manifest.model_validate(verifier.verify(token.strip(), MANIFEST_TYP))
    except (OSError, ValueError, ValidationError, IndexError, KnownError):
        return None
    return stated if str(stated.record_id) == manifest.stem else None


def kit_of_slots(home: Place) -> str:
    """Return the kit that the key slots of a home name, "" when none can be read; no secret is needed."""
    try:
        kit = slots_of(home).kit_id
    except VaultError:
        return ""
    return kit if kit.replace("-", "").replace(".", "").replace("_", "").isalnum() else ""


def slots_of(home: Place) -> SlotFile:
    """Return the slots of a home or a backup by either copy. Raise `VaultError("vault.slots_damaged")`."""

    def content(name: str) -> bytes | None:
        try:
            return (home / name).read(MOST_SLOTS_BYTES)
        except OSError:
            return None

    return slot_copies.newest_of([content(copy.name) for copy in slot_copies.copies_of(Home(home.path).slots)])


def _demand_places(home: Home, stick: Path) -> None:
    if not home.sealed.is_dir():
        raise InputError("rescue.nothing", home=str(home.path))
    if not stick.is_dir() and (stick.exists() or not stick.parent.is_dir()):
        raise InputError("stick.not_there", where=str(stick))
    if stick.resolve().is_relative_to(home.path.resolve()):
        raise InputError("stick.same_place", where=str(stick))


def _keep_others_out(home: Home, locks: ExitStack) -> None:
    """Hold the locks of the home where they can be held; the disk of a dead laptop may be mounted for reading only."""
    for path in (home.lock, home.path / ".lock"):
        if path.exists():
            try:
                locks.callback(HomeLock(path).release)
            except OSError:
                continue  # nobody can run on a disk that cannot be written


def _folder(kit_folder: Place, clock: Clock) -> Place:
    """Return the newest folder of a rescue that was cut off, else a new one."""
    earlier = (each for each in listed(kit_folder) if each.name.startswith("rescue-") and each.is_folder())
    cut_off = [each for each in earlier if not (each / REPORT).exists()]
    return cut_off[-1] if cut_off else kit_folder / f"rescue-{clock.now().astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _kit_of(home: Home, stated: list[Manifest]) -> str:
    most = Counter(manifest.kit for manifest in stated).most_common(1)
    return most[0][0] if most else kit_of_slots(Place(home.path)) or "unknown-kit"


def _is_there(folder: Place, stated: Manifest | None) -> bool:
    """Return whether an earlier run brought a record over; what has no manifest is brought again."""
    if stated is None:
        return False
    file = folder / f"{stated.record_id}{SEALED}"
    try:
        same = file.exists() and digest_of_file(file).sha256 == stated.sha256
    except StoreError:
        return False
    return same and stated_by(file.beside(MANIFEST)) is not None


def _size(pair: SealedPair) -> int:
    try:
        return pair.file.look().st_size
    except OSError:
        return 0  # named as unreadable when its turn comes


def _carry(pair: SealedPair, stated: Manifest | None, rescued: Rescued) -> None:
    folder = rescued.folder
    if stated is not None and _is_there(folder, stated):
        rescued.whole[pair.record_id] = (stated.size_bytes, stated.sha256)
        return
    if pair.record_id in rescued.whole:
        return
    try:
        # The manifest first, as at home: a file is never there without what proves it.
        if pair.manifest is not None and stated is not None:
            carry_file(pair.manifest, folder / pair.manifest.name)
        carried = carry_file(pair.file, folder / pair.file.name)
    except StoreError as error:
        if error.code != "stick.unreadable":
            raise
        rescued.unreadable.append(pair.file.name)
        return
    if stated is None:
        rescued.without_manifest.append(pair.record_id)
        _keep_broken_text(pair, rescued)
    elif (carried.size_bytes, carried.sha256) != (stated.size_bytes, stated.sha256):
        _set_apart(carried.place, rescued)
        return
    rescued.whole[pair.record_id] = (carried.size_bytes, carried.sha256)


def _keep_broken_text(pair: SealedPair, rescued: Rescued) -> None:
    """Carry a text that proves nothing apart: somebody may still read something in it."""
    if pair.manifest is None:
        return
    apart = rescued.folder / _DAMAGED
    make_folder(apart)
    try:
        write_file(apart / pair.manifest.name, pair.manifest.read(MOST_MANIFEST_BYTES))
    except OSError:  # also one that is no text, by its size alone
        rescued.unreadable.append(pair.manifest.name)


def _set_apart(file: Place, rescued: Rescued) -> None:
    rescued.damaged.append(file.stem)
    apart = rescued.folder / _DAMAGED
    make_folder(apart)
    carry_file(file, apart / file.name)
    for each in (file, file.beside(MANIFEST)):
        if each.exists():
            each.unlink()


def _report(rescued: Rescued, clock: Clock) -> None:
    stored = {
        "kit": rescued.kit,
        "at": clock.now().isoformat(),
        "records": [
            {"record_id": record_id, "size_bytes": size, "sha256": sha256}
            for record_id, (size, sha256) in sorted(rescued.whole.items())
        ],
        "without_manifest": rescued.without_manifest,
        "damaged": rescued.damaged,
        "unreadable": rescued.unreadable,
    }
    write_file(rescued.folder / REPORT, json.dumps(stored, ensure_ascii=False, indent=1).encode())
