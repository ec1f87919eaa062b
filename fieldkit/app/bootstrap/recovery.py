"""A kit comes back: by the recovery identity of the dinas when a passphrase is lost, by a new slip when it was revoked.

Both ask the gateway for new certificates with a slip of `fieldkit gateway enrol-code --again`. The kit keeps its key,
so that what it sealed and announced before stays provable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

from fieldkit.app.bootstrap import pending_keys
from fieldkit.app.bootstrap.enrolment import NewUser, Slip, sign_in_once
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.slot_marks import closing_anew, demand_latest
from fieldkit.app.bootstrap.store_key import fitting, opened_store, settled
from fieldkit.domain.errors import InputError, KnownError, Recovery, RuleError, TransferError, VaultError
from fieldkit.domain.people.accounts import Role, User, checked_name
from fieldkit.ports.vault import SigningKey
from fieldkit.services.people.keep_second_factor import name_of
from fieldkit.storage.home_lock import HomeLock
from fieldkit.storage.store import SqlStore
from fieldkit.vault import age, escrow, slot_copies
from fieldkit.vault.keys import fingerprint
from fieldkit.vault.keyslots import HARD, Hardness, KeySlotFile, check_secrets
from sync.kit import enrol as wire
from sync.protocol.messages import KnownUser, UserRequest

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
            opened = escrow.open_with(sealed, identities)
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
