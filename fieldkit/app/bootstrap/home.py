"""Where a kit lives: one folder, everything in it encrypted but the key slots and public facts."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from fieldkit.app.bootstrap.clock import WIB, ZONES, CorrectedClock, SystemClock
from fieldkit.domain.errors import InputError, Recovery, StoreError, VaultError
from fieldkit.domain.trusted_time import TrustedTime
from fieldkit.media.place import Place
from fieldkit.storage.reserve import with_room
from fieldkit.vault import slot_copies

if TYPE_CHECKING:
    from fieldkit.vault.keyslots import Hardness, KeySlotFile
    from fieldkit.vault.slot_file import SlotFile

_MOST_PUBLIC_BYTES = 1_000_000  # of a backup it may be anybody's
_MOST_CORRECTION_S = 100 * 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one kit."""

    path: Path

    @property
    def database(self) -> Path:
        """Return the SQLCipher file."""
        return self.path / "kit.db"

    @property
    def slots(self) -> Path:
        """Return the key slots; a copy and the escrow lie beside them."""
        return self.path / "keyslots.json"

    @property
    def sealed(self) -> Path:
        """Return the folder of sealed records."""
        return self.path / "sealed"

    @property
    def sessions(self) -> Path:
        """Return the folder of journals of open recordings."""
        return self.path / "sessions"

    @property
    def copies(self) -> Path:
        """Return the folder of copies of the store."""
        return self.path / "copies"

    @property
    def trust(self) -> Path:
        """Return the folder with certificates (PEM) of device providers that this dinas trusts."""
        return self.path / "trust"

    @property
    def policy(self) -> Path | None:
        """Return the dinas' own capture policy, None where the shipped one counts."""
        own = self.path / "policy.yaml"
        return own if own.is_file() else None

    @property
    def lock(self) -> Path:
        """Return the file that keeps a second process out."""
        return self.path / "kit.lock"

    @property
    def first_start(self) -> Path:
        """Return the file that keeps how far a first start has come."""
        return self.path / "first_start.json"

    @property
    def is_enrolled(self) -> bool:
        """Return whether a kit lives here."""
        return slot_copies.exist(self.slots)

    @property
    def holds_data(self) -> bool:
        """Return whether a kit's data lie here, also when its keys are gone: a store or sealed records."""
        return self.database.exists() or any(self.sealed.glob("*.age"))

    def key_slots(self, hardness: Hardness | None = None) -> KeySlotFile:
        """Read the key slots, which take the room of the reserve on a full disk. Raise as `KeySlotFile.open`."""
        from fieldkit.vault.keyslots import KeySlotFile

        def write(path: Path, file: SlotFile) -> None:
            with_room(path, lambda: slot_copies.write(path, file))

        return KeySlotFile.open(self.slots, hardness, write)

    def demand_enrolled(self) -> None:
        """Finish a restore that was cut off. Raise `InputError` when no kit lives here yet, `VaultError` when
        only its keys are gone, `StoreError`.
        """
        if (self.path / "restoring").is_dir():
            from fieldkit.app.bootstrap.restore import finish_restore  # on demand: hardly any start needs it

            finish_restore(self.path)
        if not self.is_enrolled:
            if self.holds_data:
                raise VaultError("vault.slots_missing", recovery=Recovery.ASK_OFFICE)
            raise InputError("kit.not_enrolled", home=str(self.path))

    def forget_first_start(self) -> None:
        """Take its file away: the kit is enrolled, and the code in it lets nobody in any more."""
        with suppress(OSError):
            self.first_start.unlink(missing_ok=True)

    def demand_store(self) -> None:
        """Raise `StoreError("store.gone")` where a kit lost its file: an empty one in its place would hide that.

        Enrolment writes the slots after the store, so slots without a store are never a kit that is just being made.
        """
        if not self.database.exists():
            raise StoreError("store.gone", recovery=Recovery.ASK_OFFICE, home=str(self.path))

    def read_public(self) -> PublicFacts:
        """Return what the locked kit may show."""
        try:
            stored = json.loads((Place(self.path) / "public.json").read(_MOST_PUBLIC_BYTES))
            met = stored.get("last_sync_at")
            return PublicFacts(
                str(stored.get("dinas", "")),
                str(stored.get("zone", "WIB")),
                datetime.fromisoformat(met) if met else None,
                dict(stored.get("demo_pins", {})),
                stored.get("clock_skew_s"),
                TrustedTime.of_value(stored["trusted"]) if stored.get("trusted") else None,
                _believable(stored.get("correction_s", 0.0)),
                {str(who): datetime.fromisoformat(end) for who, end in stored.get("certificates", {}).items()},
                str(stored.get("center", "")),
                str(stored.get("store_version", "")),
                str(stored.get("offers_code", "")),
            )
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            # Only for show: a missing or damaged file must not keep anybody from recording.
            return PublicFacts("")

    def clock(self) -> CorrectedClock:
        """Return the clock of the dinas that this kit belongs to, with the correction that somebody gave it."""
        facts = self.read_public()
        return CorrectedClock(SystemClock(ZONES.get(facts.zone, WIB)), facts.correction)

    def write_public(self, facts: PublicFacts) -> None:
        """Replace what the locked kit may show. Raise `OSError`."""
        stored = {
            "dinas": facts.dinas,
            "zone": facts.zone,
            "last_sync_at": facts.last_sync_at.isoformat() if facts.last_sync_at else None,
            "demo_pins": facts.demo_pins,
            "clock_skew_s": facts.clock_skew_s,
            "trusted": facts.trusted.as_value() if facts.trusted else None,
            "correction_s": facts.correction.total_seconds(),
            "certificates": {who: end.isoformat() for who, end in facts.certificates.items()},
            "center": facts.center,
            "store_version": facts.store_version,
            "offers_code": facts.offers_code,
        }
        temporary = self.path / "public.json.new"

        def write() -> None:
            try:
                temporary.write_text(json.dumps(stored, ensure_ascii=False), "utf-8")
                temporary.replace(self.path / "public.json")
            except OSError:
                temporary.unlink(missing_ok=True)
                raise

        with_room(temporary, write)

    def show(self, facts: PublicFacts) -> None:
        """Replace what the locked kit may show, where the disk takes it: it must keep nobody from signing in."""
        with suppress(OSError):
            self.write_public(facts)

    def note(self, center: str, store_version: str) -> None:
        """Tell who looks after the locked laptop where the data center is and which store this is."""
        facts = self.read_public()
        if (facts.center, facts.store_version) != (center, store_version):
            self.show(replace(facts, center=center, store_version=store_version))


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """What anybody may read from a locked kit. `demo_pins` exist in the demo profile only."""

    dinas: str
    zone: str = "WIB"
    last_sync_at: datetime | None = None
    demo_pins: dict[str, str] = field(default_factory=dict)
    clock_skew_s: float | None = None  # the data center's clock minus this one, when they last met
    trusted: TrustedTime | None = None
    correction: timedelta = timedelta(0)  # what the kit's clock adds to the laptop's; the store has the last word
    certificates: dict[str, datetime] = field(default_factory=dict)  # "kit" or a user's id → when it ends
    center: str = ""  # URL of the data center, for who looks after the laptop
    store_version: str = ""  # revision of the store when it was last open
    offers_code: str = ""  # who wanted a second factor at the first start and has not been led to it yet


def _believable(correction_s: float) -> timedelta:
    """Return a correction that a clock can bear; what somebody wrote into the file must stop nobody."""
    return timedelta(seconds=correction_s) if abs(correction_s) <= _MOST_CORRECTION_S else timedelta(0)
