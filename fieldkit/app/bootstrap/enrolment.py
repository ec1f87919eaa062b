"""Make a kit out of an empty folder: keys made here, certificates from the gateway, the first admin."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from fieldkit.app.bootstrap import pending_keys
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.home import Home, PublicFacts
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.settings_copy import SettingsCopy
from fieldkit.app.bootstrap.standing import demand_slot
from fieldkit.app.bootstrap.store_key import opened_store, settled
from fieldkit.domain.errors import InputError, Recovery, RuleError, TransferError, VaultError
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.slip import Slip as Slip
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SigningKey
from fieldkit.storage.engine import fits
from fieldkit.storage.folders import make_private, sync_folder
from fieldkit.storage.home_lock import HomeLock
from fieldkit.storage.store import open_store
from fieldkit.vault import keys, slot_copies
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.jws import JwsSigner
from fieldkit.vault.keyslots import HARD, Hardness, KeySlotFile, check_secrets
from sync.kit import enrol as connection
from sync.kit.connection import Connection, pinned_context
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import EnrolmentAnswer, UserRequest

_STAGING = "keyslots.new"


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person who gets an account, and what opens it."""

    user: User
    passphrase: str
    pin: str


def enrol_kit(home: Home, slip: Slip, admin: NewUser, hardness: Hardness = HARD) -> KitSettings:
    """Enrol this laptop. After any failure, or a kill, the same slip works again, unless another laptop took it.

    The keys are on the disk before the first byte leaves, and the slots come last: they say that the kit is whole.
    Raise `InputError`, `TransferError`, `StoreError("store.in_use")`.
    """
    if home.is_enrolled:
        return _ended_before(home, slip, admin)
    check_secrets(admin.passphrase, admin.pin, (admin.user.name, admin.user.user_id))
    make_private(home.path.absolute())
    lock = HomeLock(home.lock)
    try:
        asked = pending_keys.Asked(slip.code, admin.user.user_id, admin.passphrase)
        pending = pending_keys.keep_or_make(home.path, asked, hardness)
        answer = connection.enrol(
            *(slip.url, slip.code, slip.ca_fingerprint, pending.kit_csr),
            UserRequest(user_id=admin.user.user_id, name=admin.user.name, role=admin.user.role, csr=pending.admin_csr),
        )
        settings = _settings(slip, pending, answer)
        sign_in_once(settings, home.clock())  # before anything says that this laptop is the kit
        _make_store(home, settings, pending.db_key, admin.user)
        _make_slots(
            home, settings, pending.db_key, admin, SigningKey(answer.admin_certificate, pending.admin_private), hardness
        )
        # Left behind they would only be keys without a use; the next sign-in tries again.
        with suppress(VaultError):
            pending_keys.erase(home.path)
        return settings
    finally:
        lock.release()


def sign_in_once(settings: KitSettings, clock: Clock) -> None:
    """Spend the slip by the kit's first sign-in, if the line lasts; else the first sending does it.

    Raise `TransferError("sync.slip_taken")` when the certificate counts no more: until a kit signs in, each laptop that
    asks with its slip takes it from the one before.
    """
    wired = Connection(settings.gateway_url, pinned_context(settings.ca_certificate))
    signer = JwsSigner(settings.kit_private, settings.kit_id)
    try:
        with DataCenterLink(wired, settings.kit_id, signer, clock) as link:
            link.configuration()
    except TransferError as error:
        if error.code == "sync.kit_revoked":
            raise TransferError("sync.slip_taken", recovery=Recovery.ASK_OFFICE) from error


def _ended_before(home: Home, slip: Slip, admin: NewUser) -> KitSettings:
    """End an enrolment that was killed in its last steps, for the same slip and admin; else leave the kit alone."""
    lock = HomeLock(home.lock)
    try:
        clock = home.clock()
        slots = home.key_slots()
        with suppress(VaultError):
            opened = slots.unlock(admin.user.user_id, admin.passphrase, clock.now())
            home.demand_store()
            store = open_store(home.database, opened.db_key, slots.kit_id, clock, UuidV7(clock))
            try:
                settings = KitSettings.load(store)
            finally:
                store.close()
            if settings.slip_sha256 == pending_keys.digest_of(slip.code):
                pending_keys.erase(home.path)
                shutil.rmtree(home.path / _STAGING, ignore_errors=True)
                sign_in_once(settings, clock)
                return settings
    finally:
        lock.release()
    raise InputError("kit.already_enrolled", home=str(home.path))


def _settings(slip: Slip, pending: pending_keys.PendingKeys, answer: EnrolmentAnswer) -> KitSettings:
    configuration = answer.configuration
    return KitSettings(
        kit_id=answer.kit,
        gateway_url=slip.url,
        gateway_name=configuration.gateway,
        kit_private=pending.kit_private,
        kit_certificate=answer.kit_certificate,
        ca_certificate=configuration.ca_certificate,
        receipt_public_key=configuration.receipt_public_key,
        age_recipients=configuration.age_recipients,
        nik_key=pending.nik_key,
        profile=configuration.profile,
        slip_sha256=pending_keys.digest_of(slip.code),
    )


def _make_store(home: Home, settings: KitSettings, db_key: bytes, admin: User) -> None:
    """Make the store with its settings and the first event, or end one that an earlier try began."""
    for folder in (home.sealed, home.trust):
        folder.mkdir(exist_ok=True, mode=0o700)
    shown = PublicFacts(settings.dinas, str(settings.profile.get("zone", "WIB")))
    home.write_public(shown)
    clock = home.clock()
    home.write_public(replace(shown, last_sync_at=clock.now()))  # the data center answered just now
    if home.database.exists() and not fits(home.database, db_key):
        # Of keys that were set aside; no key opens it any more, but nothing is thrown away.
        orphan = f"kit.orphan-{clock.now():%Y%m%d%H%M%S}"
        for part in ("-wal", "-shm", ""):
            left = home.database.with_name(home.database.name + part)
            if left.exists():
                left.rename(home.path / (orphan + part))
    store = open_store(home.database, db_key, settings.kit_id, clock, UuidV7(clock))
    try:
        settings.save(store)
        SettingsCopy(home.path / "enrolment.sealed", db_key).keep(settings)
        with store.write() as unit:
            unit.save_user(admin)
            if not unit.events.of(settings.kit_id):
                facts = {"gateway": settings.gateway_name}
                unit.events.append("kit_enrolled", settings.kit_id, facts, admin.user_id, clock.now())
    finally:
        store.close()


def _make_slots(
    home: Home,
    settings: KitSettings,
    db_key: bytes,
    admin: NewUser,
    key: SigningKey,
    hardness: Hardness,
) -> None:
    staging = home.path / _STAGING
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    made = staging / home.slots.name
    try:
        slots = KeySlotFile.create(made, settings.kit_id, db_key, settings.age_recipients[-1], hardness)
        slots.add(admin.user, admin.passphrase, db_key, key, admin.pin)
        slot_copies.put_in_place(made, home.slots)
    finally:
        # Also what had no room: slots that count already are mended from their other copy.
        shutil.rmtree(staging, ignore_errors=True)
    sync_folder(home.path)


def add_user(home: Home, admin_id: str, passphrase: str, new: NewUser, hardness: Hardness | None = None) -> None:
    """Add a user on the word of an admin; the gateway issues the certificate. Raise `VaultError`, `TransferError`."""
    add_users(home, admin_id, passphrase, (new,), hardness)


def add_users(
    home: Home, admin_id: str, passphrase: str, everybody: Sequence[NewUser], hardness: Hardness | None = None
) -> None:
    """Add users one after the other; those before one that is refused stay. Raise as `add_user`."""
    home.demand_enrolled()
    for new in everybody:
        check_secrets(new.passphrase, new.pin, (new.user.name, new.user.user_id))
    clock = home.clock()
    with ExitStack() as open_things:
        open_things.callback(HomeLock(home.lock).release)
        slots = home.key_slots(hardness)
        opened = settled(home, slots, slots.unlock(admin_id, passphrase, clock.now()))
        if not opened.user.may(Permission.ADD_USERS):
            raise InputError("kit.admin_only", role=opened.user.role.value)
        for new in everybody:
            if any(known.user_id == new.user.user_id for known in slots.names()):
                raise RuleError("vault.user_exists", name=new.user.name).at("user_id")
        store = open_things.enter_context(opened_store(home, opened.db_key, slots.kit_id))
        settings = KitSettings.load(store)
        demand_slot(store, opened, clock.now())
        kit_signer = JwsSigner(settings.kit_private, settings.kit_id)
        wired = Connection(settings.gateway_url, pinned_context(settings.ca_certificate))
        link = open_things.enter_context(DataCenterLink(wired, settings.kit_id, kit_signer, clock))
        admin_signer = JwsSigner(opened.signing_key.private_der, admin_id)
        for new in everybody:
            private = keys.new_private_key()
            certificate = connection.add_user(link, settings.kit_id, _request(new.user, private), admin_signer, clock)
            # The slot last: a user who can sign in is known to the store.
            with store.write() as unit:
                unit.save_user(new.user)
                role = new.user.role.value
                unit.events.append("user_added", new.user.user_id, {"role": role}, admin_id, clock.now())
            slots.add(new.user, new.passphrase, opened.db_key, SigningKey(certificate, private), new.pin)


def _request(user: User, private_der: bytes) -> UserRequest:
    return UserRequest(user_id=user.user_id, name=user.name, role=user.role, csr=make_csr(private_der))
