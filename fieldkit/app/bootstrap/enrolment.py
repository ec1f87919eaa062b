"""Make a kit out of an empty folder: keys made here, certificates from the gateway, the first admin."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from fieldkit.app.bootstrap import pending_keys
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.home import Home, PublicFacts
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.standing import demand_slot
from fieldkit.app.bootstrap.stick_backups import SettingsCopy
from fieldkit.app.bootstrap.store_key import opened_store, settled
from fieldkit.domain.errors import InputError, Recovery, RuleError, TransferError, VaultError, known, reason_of
from fieldkit.domain.people import Permission, Slip, User, slip_in
from fieldkit.media.place import Place
from fieldkit.ports.clock import Clock
from fieldkit.ports.first_start import Begun, NewAdmin, Step, Strength
from fieldkit.ports.vault import SigningKey
from fieldkit.storage.engine import fits
from fieldkit.storage.home_lock import HomeLock, make_private, sync_folder
from fieldkit.storage.store import open_store
from fieldkit.vault import certificates, slot_copies
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.device_trust import JwsSigner
from fieldkit.vault.keyslots import HARD, Hardness, KeySlotFile, check_secrets
from sync.kit import enrol as connection
from sync.kit.connection import Connection, pinned_context
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import EnrolmentAnswer, UserRequest

if TYPE_CHECKING:
    from fieldkit.ports.devices import Cancel, PreviewSink


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
            private = certificates.new_private_key()
            certificate = connection.add_user(link, settings.kit_id, _request(new.user, private), admin_signer, clock)
            # The slot last: a user who can sign in is known to the store.
            with store.write() as unit:
                unit.save_user(new.user)
                role = new.user.role.value
                unit.events.append("user_added", new.user.user_id, {"role": role}, admin_id, clock.now())
            slots.add(new.user, new.passphrase, opened.db_key, SigningKey(certificate, private), new.pin)


def _request(user: User, private_der: bytes) -> UserRequest:
    return UserRequest(user_id=user.user_id, name=user.name, role=user.role, csr=make_csr(private_der))


# The first start of a laptop: from an empty home to a kit; a kill at any moment costs one step at most.

_MOST_BYTES = 40_000_000


def is_new(home: Home) -> bool:
    """Return whether this laptop has never been a kit, or an enrolment here was cut off before its end."""
    from fieldkit.app.bootstrap import pending_keys

    return not home.is_enrolled and (not home.holds_data or pending_keys.are_kept(home.path))


class HomeFirstStart:
    """Implements `FirstStart` for a home. What was begun stands in a file of the home until the kit is enrolled."""

    def __init__(self, home: Home, hardness: Hardness | None = None) -> None:
        """`hardness` is that of the key slots; None measures the laptop."""
        self._home, self._hardness = home, hardness

    def left(self) -> Begun:
        """Read the file; a damaged one begins anew, for all of it can be typed again."""
        try:
            kept = json.loads(self._home.first_start.read_text("utf-8"))
            slip = Slip(**{name: str(kept["slip"][name]) for name in ("url", "code", "ca_fingerprint", "kit", "admin")})
            return Begun(Step(kept["step"]), *(str(kept["language"]), slip, str(kept["admin"]), str(kept["name"])))
        except (OSError, ValueError, KeyError, TypeError):
            return Begun()

    def keep(self, begun: Begun) -> None:
        """Write the file; only its owner may read it, for the code on the slip lets a laptop in."""
        from fieldkit.storage.home_lock import make_private
        from fieldkit.vault.durable import write_durably

        try:
            make_private(self._home.path.absolute())
            write_durably(self._home.first_start, json.dumps(asdict(begun), ensure_ascii=False).encode())
        except OSError as error:
            told = known(error)
            raise told or InputError(
                "cli.unwritable", file=str(self._home.first_start), detail=reason_of(error)
            ) from error

    def read(self, text: str) -> Slip:
        """Read what was pasted, else the file: its text, or the QR code in it."""
        pasted = slip_in(text)
        if pasted.is_whole:
            return pasted
        from fieldkit.domain.typed import path_of

        file = path_of(text)
        try:
            content = Place.of_file(file).read(_MOST_BYTES)
        except OSError as error:
            if error.errno == errno.E2BIG:
                raise InputError("awal.no_slip_there", file=file.name) from error
            raise InputError("cli.unreadable", file=str(file), detail=reason_of(error)) from error
        found = slip_in(content.decode("utf-8", "ignore"))
        if not found.is_whole:
            from fieldkit.formats.qr import read_qr

            found = slip_in(read_qr(content))
        if not found.is_whole:
            raise InputError("awal.no_slip_there", file=file.name)
        return found

    def scan(self, preview: PreviewSink, cancel: Cancel) -> Slip | None:
        """Look through the camera of this laptop."""
        from fieldkit.app.bootstrap.devices import addresses_of, connect_devices
        from fieldkit.domain.recording.positions import Position
        from fieldkit.ports.devices import BiometricCaptureDevice, DeviceKind

        devices = connect_devices(self._home.trust, self._home.clock(), addresses_of(self._home), is_watching=False)
        try:
            camera = devices.registry.device_for(DeviceKind.CAMERA)
            assert isinstance(camera, BiometricCaptureDevice)
            camera.open(cancel)
            seen = _Seen(preview, cancel)
            camera.stream((Position.PORTRAIT,), seen, seen)
            return seen.slip
        finally:
            devices.close()

    def find(self, slip: Slip) -> None:
        """Fetch the CA and compare its fingerprint; then speak to the gateway as every kit does."""
        from sync.kit.connection import Connection, pinned_context
        from sync.kit.enrol import fetch_ca
        from sync.protocol.messages import CaAnswer

        connection = Connection(slip.url, pinned_context(fetch_ca(slip.url, slip.ca_fingerprint)))
        try:
            connection.ask_message("GET", "/ca", CaAnswer, headers={})
        finally:
            connection.close()

    def strength(self, passphrase: str, names: tuple[str, ...]) -> Strength:
        """Judge it as the key slots do."""
        from fieldkit.vault.passphrases import check_passphrase, score_of

        try:
            check_passphrase(passphrase, names)
        except InputError as error:
            return Strength(score_of(passphrase, names), error.problem)
        return Strength(score_of(passphrase, names))

    def enrol(self, slip: Slip, admin: NewAdmin) -> None:
        """Enrol as the command does; then nothing of the first start is left."""
        from fieldkit.domain.people import Role, User, checked_id, checked_name
        from fieldkit.vault.passphrases import measured

        user = User(checked_id(admin.user_id), checked_name(admin.name), Role.ADMIN_DINAS)
        enrol_kit(self._home, slip, NewUser(user, admin.passphrase, admin.pin), self._hardness or measured())
        if admin.wants_code:
            self._home.write_public(replace(self._home.read_public(), offers_code=user.user_id))
        self._home.forget_first_start()


class _Seen:
    """A preview that looks for the code in each frame and is its own cancel once it was found."""

    def __init__(self, inner: PreviewSink, cancel: Cancel) -> None:
        self._inner, self._cancel = inner, cancel
        self.slip: Slip | None = None

    def offer(self, jpeg: bytes) -> None:
        from fieldkit.formats.qr import read_qr

        self._inner.offer(jpeg)
        if self.slip is None and (found := slip_in(read_qr(jpeg))).is_whole:
            self.slip = found

    def is_cancelled(self) -> bool:
        return self.slip is not None or self._cancel.is_cancelled()


# The slip of the office in a file: as it is printed, or as JSON.
