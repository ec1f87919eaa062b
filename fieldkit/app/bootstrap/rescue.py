"""Take the sealed records off a laptop that no longer works: no passphrase, no store, only files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from fieldkit.app.bootstrap import pending_keys
from fieldkit.app.bootstrap.enrolment import NewUser, sign_in_once
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.slot_marks import closing_anew, demand_latest
from fieldkit.app.bootstrap.stick_backups import listed
from fieldkit.app.bootstrap.store_key import fitting, opened_store, settled
from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.errors import InputError, KnownError, Recovery, RuleError, StoreError, TransferError, VaultError
from fieldkit.domain.people import Role, Slip, User, checked_name
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
from fieldkit.ports.vault import SigningKey
from fieldkit.services.people.keep_accounts import name_of
from fieldkit.storage.home_lock import HomeLock
from fieldkit.storage.store import SqlStore
from fieldkit.vault import age, bundles, certificates, slot_copies
from fieldkit.vault.certificates import fingerprint
from fieldkit.vault.device_trust import JwsVerifier
from fieldkit.vault.keyslots import HARD, Hardness, KeySlotFile, check_secrets
from fieldkit.vault.slot_file import SlotFile
from sync.kit import enrol as wire
from sync.protocol.messages import KnownUser, Manifest, UserRequest

# A kit comes back: by the recovery identity of the dinas when a passphrase is lost, by a new slip when it was revoked.
#
# Both ask the gateway for new certificates with a slip of `fieldkit gateway enrol-code --again`. The kit keeps its key,
# so that what it sealed and announced before stays provable.

_RECOVERED = "kit_recovered"
_NO_LINE = frozenset({"sync.unreachable", "sync.name_unknown", "sync.stalled", "sync.connection_lost"})
# The slip brought nothing to this kit, which stays as it was.
_NOTHING_CAME = frozenset(
    {
        "sync.enrol_code_wrong",
        "sync.enrol_code_expired",
        "sync.enrol_admin_differs",
        "sync.ca_fingerprint",
        "kit.slip_of_another",
    }
)


def recover_kit(home: Home, identity: str, slip: Slip, admin: NewUser, hardness: Hardness = HARD) -> KitSettings:
    """Give an admin a new slot by the recovery identity (`AGE-SECRET-KEY-PQ-1…` lines), also without whole key slots.

    Raise `VaultError` `vault.age_…`, `InputError`, `TransferError` (`kit.needs_center` without a line), `StoreError`.
    """
    check_secrets(admin.passphrase, admin.pin, (admin.user.name, admin.user.user_id))
    if admin.user.role is not Role.ADMIN_DINAS:
        raise RuleError("kit.admin_only", role=admin.user.role.value)
    identities = age.parse_identities(identity)
    with ExitStack() as held:
        held.callback(_locked(home).release)
        kit_id, keys = _opened_escrow(home, identities)
        db_key = fitting(home, keys[::-1])
        slots = _slots_or_new(home, kit_id, db_key, identities, hardness)
        for other in keys:
            if other != db_key and slots.is_changing:
                slots.settle(db_key, other)
        store = held.enter_context(opened_store(home, db_key, kit_id))

        def put(key: SigningKey) -> None:
            with closing_anew(store, slots, admin.user.user_id):
                slots.start_anew(admin.user, admin.passphrase, db_key, key, admin.pin)

        return _let_in(home, slots, store, slip, admin, put, _RECOVERED, hardness)


def recover_by_sheet(home: Home, code: str, passphrase: str, pin: str = "") -> User:
    """Give the admin whose recovery sheet this is a new passphrase; no line to the data center is needed.

    Raise `VaultError` `vault.no_sheet`, `vault.wrong_sheet`, `vault.locked_out`, `InputError`, `StoreError`.
    """
    with ExitStack() as held:
        held.callback(_locked(home).release)
        clock, slots = home.clock(), home.key_slots()
        opened = settled(home, slots, slots.open_sheet(code, clock.now()))
        user = opened.user
        check_secrets(passphrase, pin, (user.name, user.user_id))
        store = held.enter_context(opened_store(home, opened.db_key, slots.kit_id))
        demand_latest(store, opened)
        with store.write() as unit:
            unit.events.append("recovered_by_sheet", user.user_id, {}, user.user_id, clock.now())
        with closing_anew(store, slots, user.user_id):
            slots.start_anew(user, passphrase, opened.db_key, opened.signing_key, pin)
        return user


def readmit_kit(home: Home, slip: Slip, admin_id: str, passphrase: str) -> KitSettings:
    """Let a kit in again that was revoked and found; passphrase and PIN stay. Raise as `recover_kit`."""
    home.demand_enrolled()
    with ExitStack() as held:
        held.callback(_locked(home).release)
        clock = home.clock()
        slots = home.key_slots()
        opened = settled(home, slots, slots.unlock(admin_id, passphrase, clock.now()))
        if opened.user.role is not Role.ADMIN_DINAS:
            raise InputError("kit.admin_only", role=opened.user.role.value)
        store = held.enter_context(opened_store(home, opened.db_key, slots.kit_id))
        demand_latest(store, opened)

        def put(key: SigningKey) -> None:
            with closing_anew(store, slots, admin_id):
                slots.renew(admin_id, passphrase, key, clock.now())

        return _let_in(
            home, slots, store, slip, NewUser(opened.user, passphrase, ""), put, "kit_readmitted", slots.hardness
        )


def known_admin(home: Home, user_id: str, name: str) -> User:
    """Return the admin as the slots know them, else by the name given. Raise `InputError("kit.name_needed")`."""
    with suppress(VaultError):
        slots = home.key_slots()
        for user in (*slots.names(), *slots.disabled()):
            if user.user_id == user_id:
                return user
    if not name:
        raise InputError("kit.name_needed", user=user_id)
    return User(user_id, checked_name(name), Role.ADMIN_DINAS)


def _locked(home: Home) -> HomeLock:
    if not home.path.is_dir():
        raise InputError("kit.not_enrolled", home=str(home.path))
    return HomeLock(home.lock)


def _opened_escrow(home: Home, identities: Sequence[age.Identity]) -> tuple[str, tuple[bytes, ...]]:
    refusal: KnownError = VaultError("vault.no_escrow", recovery=Recovery.ASK_OFFICE)
    for sealed in slot_copies.escrows(home.slots):
        try:
            opened = bundles.open_with(sealed, identities)
        except VaultError as error:
            refusal = error
            continue
        return opened.kit_id, opened.db_keys
    raise refusal


def _slots_or_new(
    home: Home, kit_id: str, db_key: bytes, identities: Sequence[age.Identity], hardness: Hardness
) -> KeySlotFile:
    """Return the slots; when both copies are lost new ones without users, and what is damaged is set aside."""
    try:
        slots = home.key_slots()
    except VaultError:
        at = datetime.now(UTC)
        for copy in slot_copies.copies_of(home.slots):
            if copy.exists():
                copy.rename(copy.with_name(f"{copy.name}.damaged-{at:%Y%m%d%H%M%S}"))
        return KeySlotFile.create(home.slots, kit_id, db_key, str(identities[0].recipient), hardness)
    slots.keep_escrow(db_key, str(identities[0].recipient))
    return slots


def _let_in(
    home: Home,
    slots: KeySlotFile,
    store: SqlStore,
    slip: Slip,
    admin: NewUser,
    put: Callable[[SigningKey], None],
    kind: str,
    hardness: Hardness,
) -> KitSettings:
    settings, clock = KitSettings.load(store), home.clock()
    if _ended_before(home, slots, settings, slip, admin):
        sign_in_once(settings, clock)
        return settings
    asked = pending_keys.Asked(slip.code, admin.user.user_id, admin.passphrase)
    pending = pending_keys.keep_or_make(home.path, asked, hardness, settings.kit_private)
    request = UserRequest(user_id=admin.user.user_id, name=admin.user.name, role=admin.user.role, csr=pending.admin_csr)
    # From the question to the last slot no slip counts as done, and no sign-in in between erases the keys that wait.
    under_way = settings.model_copy(update={"slip_sha256": ""})
    under_way.save(store)
    try:
        answer = wire.enrol(slip.url, slip.code, slip.ca_fingerprint, pending.kit_csr, request)
        if answer.kit != settings.kit_id:
            raise InputError("kit.slip_of_another", kit=settings.kit_id, other=answer.kit)
    except KnownError as error:
        if error.code in _NOTHING_CAME:
            settings.save(store)
        raise TransferError("kit.needs_center") if error.code in _NO_LINE else error from error
    renewed = under_way.model_copy(
        update={
            "gateway_url": slip.url,
            "gateway_name": answer.configuration.gateway,
            "kit_certificate": answer.kit_certificate,
            "ca_certificate": answer.configuration.ca_certificate,
            "receipt_public_key": answer.configuration.receipt_public_key,
            "age_recipients": answer.configuration.age_recipients,
            "profile": answer.configuration.profile,
        }
    )
    sign_in_once(renewed, clock)  # before anything here changes
    renewed.save(store)
    with store.write() as unit:
        unit.save_user(admin.user)
        if kind == _RECOVERED:  # who holds the key of the dinas needs no phone
            unit.settings.put(name_of(admin.user.user_id), None)
        facts = {"certificate": fingerprint(answer.kit_certificate)}
        unit.events.append(kind, settings.kit_id, facts, admin.user.user_id, clock.now())
    put(SigningKey(answer.admin_certificate, pending.admin_private))
    for other in answer.others:
        _give_certificate(slots, other)
    ended = renewed.model_copy(update={"slip_sha256": pending_keys.digest_of(slip.code)})
    ended.save(store)
    with suppress(VaultError):
        pending_keys.erase(home.path)
    return ended


def _give_certificate(slots: KeySlotFile, other: KnownUser) -> None:
    """Put a user's new certificate in place; who was disabled here, or has another key by now, stays as he is."""
    try:
        slots.replace_certificate(other.user_id, other.certificate)
    except RuleError:
        return
    except VaultError as error:
        if error.code == "vault.slots_unwritable":  # with the certificate that ended nobody signs in
            raise


def _ended_before(home: Home, slots: KeySlotFile, settings: KitSettings, slip: Slip, admin: NewUser) -> bool:
    """Return whether all of this was done with this slip and passphrase, and only the last word was cut off.

    The slip may be spent by then: the data center would call it wrong.
    """
    if settings.slip_sha256 != pending_keys.digest_of(slip.code) or pending_keys.are_kept(home.path):
        return False
    with suppress(VaultError):
        slots.unlock(admin.user.user_id, admin.passphrase, home.clock().now())
        return True
    return False


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
        verifier = JwsVerifier.of_certificate(certificates.certificates_from_pem(pem)[0])
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
