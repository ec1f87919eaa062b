"""Make a kit out of an empty folder: keys made here, certificates from the gateway, the first admin."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from fieldkit.bootstrap.clock import UuidV7
from fieldkit.bootstrap.home import Home, PublicFacts
from fieldkit.bootstrap.kit_settings import KitSettings
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission, User
from fieldkit.ports.vault import SigningKey
from fieldkit.storage.folders import sync_folder
from fieldkit.storage.home_lock import HomeLock
from fieldkit.storage.store import open_store
from fieldkit.vault import keys, slot_copies
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.jws import JwsSigner
from fieldkit.vault.keyslots import DB_KEY_BYTES, HARD, Hardness, KeySlotFile, check_secrets
from sync.kit import enrol as wire
from sync.kit.transport import DataCenterLink, Wire, pinned_context
from sync.protocol.messages import UserRequest


@dataclass(frozen=True, slots=True)
class Slip:
    """What the enrolment slip of the office says."""

    url: str
    code: str
    ca_fingerprint: str


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person who gets an account, and what opens it."""

    user: User
    passphrase: str
    pin: str


def enrol_kit(home: Home, slip: Slip, admin: NewUser, hardness: Hardness = HARD) -> KitSettings:
    """Enrol this laptop. Nothing is written before the gateway answered. Raise `InputError`, `TransferError`."""
    if home.is_enrolled:
        raise InputError("kit.already_enrolled", home=str(home.path))
    check_secrets(admin.passphrase, admin.pin)  # before the one-time code is spent
    kit_private, admin_private = keys.new_private_key(), keys.new_private_key()
    answer = wire.enrol(
        slip.url, slip.code, slip.ca_fingerprint, make_csr(kit_private), _request(admin.user, admin_private)
    )
    configuration = answer.configuration
    settings = KitSettings(
        kit_id=answer.kit,
        gateway_url=slip.url,
        gateway_name=configuration.gateway,
        kit_private=kit_private,
        kit_certificate=answer.kit_certificate,
        ca_certificate=configuration.ca_certificate,
        receipt_public_key=configuration.receipt_public_key,
        age_recipients=configuration.age_recipients,
        nik_key=secrets.token_bytes(32),
        profile=configuration.profile,
    )
    for folder in (home.path, home.sealed, home.trust):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    db_key = secrets.token_bytes(DB_KEY_BYTES)
    home.write_public(PublicFacts(settings.dinas, str(settings.profile.get("zone", "WIB"))))
    clock = home.clock()
    if home.database.exists():
        # Left by an enrolment that died before it wrote the slots; no key opens it, but nothing is thrown away.
        home.database.rename(home.database.with_suffix(f".orphan-{clock.now():%Y%m%d%H%M%S}"))
    store = open_store(home.database, db_key, settings.kit_id, clock, UuidV7(clock))
    try:
        settings.save(store)
        with store.write() as unit:
            unit.save_user(admin.user)
            unit.events.append(
                "kit_enrolled",
                settings.kit_id,
                {"gateway": configuration.gateway},
                admin.user.user_id,
                clock.now(),
            )
    finally:
        store.close()
    # Last and under another name first: the slots say that the folder is complete, and the admin can sign in.
    staging = home.path / "keyslots.new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700)
    unfinished = staging / home.slots.name
    slots = KeySlotFile.create(unfinished, settings.kit_id, db_key, configuration.age_recipients[-1], hardness)
    slots.add(admin.user, admin.passphrase, db_key, SigningKey(answer.admin_certificate, admin_private), admin.pin)
    slot_copies.put_in_place(unfinished, home.slots)
    staging.rmdir()
    sync_folder(home.path)
    return settings


def add_user(home: Home, admin_id: str, passphrase: str, new: NewUser, hardness: Hardness = HARD) -> None:
    """Add a user on the word of an admin; the gateway issues the certificate. Raise `VaultError`, `TransferError`."""
    add_users(home, admin_id, passphrase, (new,), hardness)


def add_users(
    home: Home, admin_id: str, passphrase: str, everybody: Sequence[NewUser], hardness: Hardness = HARD
) -> None:
    """Add users one after the other; those before one that is refused stay. Raise as `add_user`."""
    home.demand_enrolled()
    for new in everybody:
        check_secrets(new.passphrase, new.pin)
    clock = home.clock()
    with ExitStack() as open_things:
        open_things.callback(HomeLock(home.lock).release)
        slots = KeySlotFile.open(home.slots, hardness)
        opened = slots.unlock(admin_id, passphrase, clock.now())
        if not opened.user.may(Permission.ADD_USERS):
            raise InputError("kit.admin_only", role=opened.user.role.value)
        for new in everybody:
            if any(known.user_id == new.user.user_id for known in slots.names()):
                raise RuleError("vault.user_exists", name=new.user.name)
        store = open_store(home.database, opened.db_key, slots.kit_id, clock, UuidV7(clock))
        open_things.callback(store.close)
        settings = KitSettings.load(store)
        kit_signer = JwsSigner(settings.kit_private, settings.kit_id)
        wired = Wire(settings.gateway_url, pinned_context(settings.ca_certificate))
        link = open_things.enter_context(DataCenterLink(wired, settings.kit_id, kit_signer, clock))
        admin_signer = JwsSigner(opened.signing_key.private_der, admin_id)
        for new in everybody:
            private = keys.new_private_key()
            certificate = wire.add_user(link, settings.kit_id, _request(new.user, private), admin_signer, clock)
            # The slot last: a user who can sign in is known to the store.
            with store.write() as unit:
                unit.save_user(new.user)
                role = new.user.role.value
                unit.events.append("user_added", new.user.user_id, {"role": role}, admin_id, clock.now())
            slots.add(new.user, new.passphrase, opened.db_key, SigningKey(certificate, private), new.pin)


def _request(user: User, private_der: bytes) -> UserRequest:
    return UserRequest(user_id=user.user_id, name=user.name, role=user.role, csr=make_csr(private_der))
