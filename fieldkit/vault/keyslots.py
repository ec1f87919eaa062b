"""Who can sign in on this kit. A stolen laptop shows names and roles; keys only to whom knows a passphrase.

Each slot leads to the key of the store, the user's signing key and the hash of the user's PIN: six digits beside the
database would fall to a quick search, so the PIN stands only inside what the passphrase opens.
Resetting the lock-out counters by editing the file is possible for a thief; what then stops him is Argon2id.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.domain.errors import Recovery, RuleError, VaultError
from fieldkit.domain.people import Role, User
from fieldkit.vault import passphrases, slot_copies, slot_seal
from fieldkit.vault.passphrases import Hardness as Hardness
from fieldkit.vault.passphrases import Pin
from fieldkit.vault.slot_copies import Write
from fieldkit.vault.slot_file import Kdf, Lockout, Slot, SlotFile
from fieldkit.vault.slot_seal import DB_KEY_BYTES as DB_KEY_BYTES
from fieldkit.vault.slot_seal import Inside

if TYPE_CHECKING:
    from fieldkit.ports.vault import SigningKey
    from fieldkit.vault import age


# A key slot that a passphrase opened, for one session.

_PIN_TRIES = 5


@dataclass(slots=True)
class OpenSlot:
    """What a passphrase opened, for one session.

    `newer_key` is there only while the store's key is being changed: the store has the one or the other. `slot_id` is
    that of the user or of the user's sheet, `mark` as `KeySlotFile.marks` tells it.
    """

    user: User
    db_key: bytes = field(repr=False)
    signing_key: SigningKey
    newer_key: bytes | None = field(default=None, repr=False)
    _pin: Pin | None = field(default=None, repr=False)
    _seed: bytes = field(default=b"", repr=False)
    _pin_tries: int = _PIN_TRIES
    slot_id: str = ""
    mark: str = ""

    @property
    def has_pin(self) -> bool:
        """Whether the screen of this session can be unlocked by a PIN."""
        return self._pin is not None

    def check_pin(self, pin: str) -> None:
        """Raise `VaultError` `vault.wrong_pin` (left), or `vault.pin_exhausted` when only the passphrase helps."""
        if self._pin is None or self._pin_tries == 0:
            raise VaultError("vault.pin_exhausted")
        if self._pin.is_right(pin):
            self._pin_tries = _PIN_TRIES
            return
        self._pin_tries -= 1
        if self._pin_tries == 0:
            raise VaultError("vault.pin_exhausted")
        raise VaultError("vault.wrong_pin", recovery=Recovery.RETRY, left=self._pin_tries)


HARD = Hardness()
_FREE_TRIES = 5
# After the free tries each further one costs more patience; minutes.
_DELAYS_MINUTES = (1, 5, 15, 60)
_SHEET = "~"  # before the id of a user: the slot of that user's recovery sheet; no id can begin so


class KeySlotFile:
    """The key slots of one kit, in `keyslots.json` and its copy. One process at a time holds a kit's home."""

    def __init__(self, path: Path, file: SlotFile, hardness: Hardness, write: Write = slot_copies.write) -> None:
        self._path, self._file, self._hardness, self._write = path, file, hardness, write

    @classmethod
    def create(cls, path: Path, kit_id: str, db_key: bytes, recovery: str, hardness: Hardness = HARD) -> KeySlotFile:
        """Begin a file without users; `recovery` is the age recipient of the dinas.

        Raise `VaultError` `vault.slots_exist`: an old file may be the last way to a store.
        """
        if slot_copies.exist(path):
            raise VaultError("vault.slots_exist", recovery=Recovery.ASK_OFFICE)
        if len(db_key) != DB_KEY_BYTES:
            raise ValueError(f"the key of the store has {DB_KEY_BYTES} bytes")
        escrow = _escrow(kit_id, [db_key], recovery)
        slots = cls(path, SlotFile(kit_id, (_key_check(db_key),), escrow), hardness)
        slots._save(slots._file)
        return slots

    @classmethod
    def open(cls, path: Path, hardness: Hardness | None = None, write: Write = slot_copies.write) -> KeySlotFile:
        """Read the newest whole copy and mend the other. Raise `VaultError` `vault.slots_missing` or `…damaged`.

        `hardness` is for slots that are closed anew, by default that of the hardest slot there; an existing slot
        carries its own. `write` keeps the slots on the disk.
        """
        file = slot_copies.read(path)
        return cls(path, file, hardness or _hardest(file), write)

    @property
    def kit_id(self) -> str:
        """Whose slots these are."""
        return self._file.kit_id

    @property
    def hardness(self) -> Hardness:
        """How hard the slots are that this kit closes anew."""
        return self._hardness

    @property
    def is_changing(self) -> bool:
        """Whether a change of the store's key was begun and not ended."""
        return len(self._file.key_checks) > 1

    def names(self) -> Sequence[User]:
        """List the users to pick from at sign-in, in the order they were added."""
        return [slot.user for slot in self._people() if not slot.is_disabled]

    def disabled(self) -> Sequence[User]:
        """List the users who can no longer sign in."""
        return [slot.user for slot in self._people() if slot.is_disabled]

    def sheets(self) -> Sequence[str]:
        """List whose recovery sheet opens this kit, by user id."""
        return [slot.user.user_id[1:] for slot in self._file.slots if slot.user.user_id.startswith(_SHEET) and slot.kdf]

    def keep_sheet(self, user_id: str, code: str, db_key: bytes, signing_key: SigningKey) -> None:
        """Let the code on a sheet open what this user's passphrase opens; the sheet before it no longer does."""
        user = self._file.slot(user_id).user
        if (_key_check(db_key),) != self._file.key_checks:
            raise _damaged()
        self._close(OpenSlot(replace(user, user_id=_SHEET + user_id), db_key, signing_key), passphrases.spelled(code))

    def open_sheet(self, code: str, now: datetime) -> OpenSlot:
        """Open a kit by the code of somebody's sheet; the user of the slot is that somebody. Raise as `unlock`."""
        from fieldkit.vault import certificates as keys  # on demand, as ciphers

        refusal = VaultError("vault.no_sheet")
        for user_id in self.sheets():
            try:
                opened = self.unlock(_SHEET + user_id, passphrases.spelled(code), now)
            except VaultError as error:
                refusal = VaultError("vault.wrong_sheet") if error.code == "vault.wrong_passphrase" else error
                continue
            slot, key = self._file.slot(user_id), opened.signing_key
            same = slot.certificate in (b"", key.certificate_der)
            if not same and keys.are_of_one_key(slot.certificate, key.certificate_der):  # renewed since it was printed
                key = replace(key, certificate_der=slot.certificate)
            return replace(opened, user=slot.user, signing_key=key)
        raise refusal

    def marks(self, user_id: str) -> Mapping[str, str]:
        """Return a digest of each slot of a user, of passphrase and sheet, by its id: closed anew it has another."""
        own = (user_id, _SHEET + user_id)
        return {
            slot.user.user_id: _mark(slot.kdf) for slot in self._file.slots if slot.user.user_id in own and slot.kdf
        }

    def certificate(self, user_id: str) -> bytes:
        """Return the user's certificate (DER), b"" as long as only the passphrase shows it."""
        return self._file.slot(user_id).certificate

    def add(self, user: User, passphrase: str, db_key: bytes, signing_key: SigningKey, pin: str = "") -> None:
        """Add a user, or give a disabled one a new start.

        Raise `RuleError` `vault.user_exists`, `InputError` `vault.weak_passphrase` (least) or `vault.pin_form`.
        """
        if any(known.user_id == user.user_id for known in self.names()):
            raise RuleError("vault.user_exists", name=user.name).at("user_id")
        self.start_anew(user, passphrase, db_key, signing_key, pin)

    def start_anew(self, user: User, passphrase: str, db_key: bytes, signing_key: SigningKey, pin: str = "") -> None:
        """Give a user another slot; the old passphrase opens nothing any more. Raise as `add`."""
        if (_key_check(db_key),) != self._file.key_checks:
            raise _damaged()
        self._close(OpenSlot(user, db_key, signing_key, None, Pin.of(pin)), passphrase)
        self._save(self._file.without_lockout(user.user_id))

    def keep_escrow(self, db_key: bytes, recovery: str) -> None:
        """Make the escrow anew when both of its copies are lost."""
        if not self._file.escrow:
            self._save(replace(self._file, escrow=_escrow(self.kit_id, [db_key], recovery)))

    def unlock(self, user_id: str, passphrase: str, now: datetime) -> OpenSlot:
        """Open a slot; takes about half a second by design. A full disk keeps nobody out.

        Raise `VaultError`: `vault.no_passphrase` for an empty one, which is no try, `vault.wrong_passphrase` (left),
        `vault.locked_out` (minutes), `vault.unknown_user` or `vault.slots_damaged`.
        """
        from cryptography.exceptions import InvalidTag

        slot = self._file.slot(user_id)
        if slot.kdf is None:
            raise VaultError("vault.unknown_user")
        if not passphrase:
            raise VaultError("vault.no_passphrase")
        failures = self._count_try(user_id, now)
        with _odd_form_is_damage():
            cipher = passphrases.cipher_of(passphrase, slot.kdf)
            try:
                inside = slot_seal.opened(self.kit_id, slot, cipher)
            except InvalidTag as error:
                raise _refusal(failures) from error
        keys = tuple(key for key in inside.db_keys if _key_check(key) in self._file.key_checks)
        if tuple(map(_key_check, keys)) != self._file.key_checks:
            raise _damaged()
        file = self._file.without_lockout(user_id)
        if slot.is_old or (len(keys) == 1 and len(inside.db_keys) > 1):
            # What the user trusts is brought up to date while the passphrase is at hand.
            file = file.with_slot(slot_seal.closed(self.kit_id, slot.user, slot.kdf, cipher, inside))
        self._save_if_possible(file)
        newer = keys[1] if len(keys) > 1 else None
        opened = OpenSlot(slot.user, keys[0], inside.signing_key, newer, inside.pin, inside.seed)
        return replace(opened, slot_id=user_id, mark=_mark(slot.kdf))

    def change_passphrase(self, user_id: str, old: str, new: str, now: datetime) -> None:
        """Close the user's slot with a new passphrase."""
        self._close(self.unlock(user_id, old, now), new)

    def set_pin(self, user_id: str, passphrase: str, pin: str, now: datetime) -> None:
        """Set the PIN (six digits) that unlocks the screen of a running session; "" takes it away."""
        opened = self.unlock(user_id, passphrase, now)
        opened._pin = Pin.of(pin)
        self._close(opened, passphrase)

    def renew(self, user_id: str, passphrase: str, signing_key: SigningKey, now: datetime) -> None:
        """Put a new signing key and certificate into the user's slot."""
        opened = self.unlock(user_id, passphrase, now)
        opened.signing_key = signing_key
        self._close(opened, passphrase)

    def replace_certificate(self, user_id: str, certificate_der: bytes) -> None:
        """Put a new certificate of the same key into a user's slot; no passphrase is needed.

        Raise `VaultError` `vault.certificate` when it is for another key, `RuleError` `vault.sign_in_first` (names)
        while the slot is of the first version, `VaultError` `vault.unknown_user` or `vault.slots_unwritable`.
        """
        from fieldkit.vault.certificates import load_certificate

        slot = self._file.slot(user_id)
        if slot.is_disabled:
            raise VaultError("vault.unknown_user")
        if slot.is_old:
            raise RuleError("vault.sign_in_first", names=slot.user.name)
        old, new = load_certificate(slot.certificate), load_certificate(certificate_der)
        if old.public_key() != new.public_key():
            raise VaultError("vault.certificate")
        self._save(self._file.with_slot(replace(slot, certificate=certificate_der)))

    def disable(self, user_id: str) -> None:
        """Throw away what the user's passphrase opens; name and role stay. Raise `RuleError` `vault.last_admin`."""
        self._keep_an_admin(user_id)
        slot = self._file.slot(user_id)
        self._save(self._file.with_slot(Slot(slot.user)).without_lockout(user_id).without(_SHEET + user_id))

    def remove(self, user_id: str) -> None:
        """Forget the user. Raise `RuleError` `vault.last_admin`."""
        self._keep_an_admin(user_id)
        self._file.slot(user_id)
        self._save(self._file.without(user_id).without(_SHEET + user_id))

    def demand_changeable(self, db_key: bytes) -> None:
        """Raise `RuleError` `vault.sign_in_first` (names) when a slot can only be changed by its user."""
        active = [slot for slot in self._file.slots if not slot.is_disabled]
        late = [slot for slot in active if not slot_seal.has_true_recipient([db_key], self.kit_id, slot)]
        if late:
            raise RuleError("vault.sign_in_first", names=", ".join(slot.user.name for slot in late))

    def begin_new_key(self, db_key: bytes, new_key: bytes, recovery: str) -> None:
        """Let every slot and the escrow lead to a second key, so that the store can be changed to it.

        Raise as `demand_changeable`, and `VaultError` `vault.slots_unwritable`.
        """
        if (_key_check(db_key),) != self._file.key_checks:
            raise _damaged()
        self.demand_changeable(db_key)
        active = [slot for slot in self._file.slots if not slot.is_disabled]
        file = replace(self._file, key_checks=(_key_check(db_key), _key_check(new_key)))
        for slot in active:
            link = slot_seal.link(self.kit_id, slot.user, slot.recipient, db_key, new_key)
            file = file.with_slot(replace(slot, links=(*slot.links, link)))
        self._save(replace(file, escrow=_escrow(self.kit_id, [db_key, new_key], recovery)))

    def settle(self, key: bytes, other: bytes, recovery: str = "") -> None:
        """End the change of the store's key: `key` is what the store has, `other` what leads nowhere any more.

        Without the recipient of the recovery the escrow goes on to hold both.
        """
        is_new = _key_check(key) == self._file.key_checks[-1]
        escrow = _escrow(self.kit_id, [key], recovery) if recovery else self._file.escrow
        file = replace(self._file, key_checks=(_key_check(key),), escrow=escrow)
        for slot in self._file.slots:
            if slot.is_disabled:
                continue
            kept = replace(slot, links=slot.links if is_new else slot.links[:-1])
            if slot_seal.has_true_recipient([key, other], self.kit_id, slot):
                mac = slot_seal.recipient_mac(key, self.kit_id, slot.user, slot.recipient)
                kept = replace(kept, recipient_mac=mac)
            file = file.with_slot(kept)
        self._save(file)

    def recover(self, identities: Sequence[age.Identity]) -> tuple[bytes, ...]:
        """Return the key of the store by the recovery identity of the dinas; two while it is being changed.

        Raise `VaultError` `vault.age_…` or `vault.slots_damaged`.
        """
        from fieldkit.vault import bundles as escrow

        opened = escrow.open_with(self._file.escrow, identities)
        if opened.kit_id != self.kit_id or not set(map(_key_check, opened.db_keys)) >= set(self._file.key_checks):
            raise _damaged()
        return opened.db_keys

    def _count_try(self, user_id: str, now: datetime) -> int:
        """Count a try before it is made, so that pulling the plug does not make it free; return the failures then."""
        lockout = self._file.lockouts.get(user_id)
        failures = lockout.failures if lockout else 0
        if lockout and failures >= _FREE_TRIES:
            if now < lockout.failed_at:  # the clock was set back: wait the same delay by the new clock
                lockout = Lockout(failures, now)
                self._save_if_possible(self._file.with_lockout(user_id, lockout))
            left = lockout.failed_at + _delay(failures) - now
            if left > timedelta():
                raise VaultError("vault.locked_out", minutes=-(-left // timedelta(minutes=1)))
        self._save_if_possible(self._file.with_lockout(user_id, Lockout(failures + 1, now)))
        return failures + 1

    def _close(self, opened: OpenSlot, passphrase: str) -> None:
        passphrases.check_passphrase(passphrase, (opened.user.name, opened.user.user_id, self.kit_id))
        kdf = passphrases.new_kdf(self._hardness)
        if opened.newer_key is not None:
            raise _damaged()  # whoever opens the store first ends the change of its key
        inside = Inside((opened.db_key,), opened.signing_key, opened._pin, opened._seed)
        cipher = passphrases.cipher_of(passphrase, kdf)
        self._save(self._file.with_slot(slot_seal.closed(self.kit_id, opened.user, kdf, cipher, inside)))

    def _people(self) -> Sequence[Slot]:
        return [slot for slot in self._file.slots if not slot.user.user_id.startswith(_SHEET)]

    def _keep_an_admin(self, user_id: str) -> None:
        admins = [user.user_id for user in self.names() if user.role is Role.ADMIN_DINAS]
        if admins == [user_id]:
            raise RuleError("vault.last_admin")

    def _save(self, file: SlotFile) -> None:
        following = replace(file, generation=self._file.generation + 1)
        self._write(self._path, following)
        self._file = following

    def _save_if_possible(self, file: SlotFile) -> None:
        """Save; on a full disk go on in memory, where it counts as well until the program ends."""
        try:
            self._save(file)
        except VaultError:
            self._file = file


def check_secrets(passphrase: str, pin: str = "", names: Sequence[str] = ()) -> None:
    """Raise `InputError` for what no slot would be closed with: a weak passphrase, or `vault.pin_form` (digits)."""
    passphrases.check_passphrase(passphrase, names)
    passphrases.check_pin(pin)


def _mark(kdf: Kdf) -> str:
    return hashlib.sha256(kdf.salt).hexdigest()[:32]


def _hardest(file: SlotFile) -> Hardness:
    kdfs = [slot.kdf for slot in file.slots if slot.kdf is not None]
    if not kdfs:
        return Hardness()
    kdf = max(kdfs, key=lambda kdf: (kdf.memory_kib * kdf.iterations, kdf.memory_kib))
    return Hardness(kdf.memory_kib, kdf.iterations, kdf.lanes)


@contextlib.contextmanager
def _odd_form_is_damage() -> Iterator[None]:
    """A salt, nonce or cost that the primitives refuse, or a link that does not open, is damage and no wrong try."""
    try:
        yield
    except ValueError as error:
        raise _damaged() from error
    except VaultError as error:
        raise _damaged() if error.code.startswith("vault.age_") else error from error


def _damaged() -> VaultError:
    return VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)


def _refusal(failures: int) -> VaultError:
    if failures < _FREE_TRIES:
        return VaultError("vault.wrong_passphrase", left=_FREE_TRIES - failures)
    return VaultError("vault.locked_out", minutes=_delay(failures) // timedelta(minutes=1))


def _delay(failures: int) -> timedelta:
    return timedelta(minutes=_DELAYS_MINUTES[min(failures - _FREE_TRIES, len(_DELAYS_MINUTES) - 1)])


def _escrow(kit_id: str, db_keys: Sequence[bytes], recovery: str) -> bytes:
    from fieldkit.vault import bundles as escrow

    return escrow.close(kit_id, db_keys, recovery)


def _key_check(db_key: bytes) -> str:
    return hmac.digest(db_key, b"fieldkit keyslots", hashlib.sha256).hex()[:16]
