"""Look at the card that a resident already has: before recording, and when a new one is handed over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.errors import InputError, Problem, RuleError
from fieldkit.domain.people.accounts import User
from fieldkit.ports.cards import CardReader, KtpElChip
from fieldkit.ports.clock import Clock
from fieldkit.ports.codec import NikKey, SamplePictures
from fieldkit.ports.devices import Cancel, DeviceError, DeviceKind, Registry
from fieldkit.ports.sam import Sam
from fieldkit.ports.store import Store

WAIT_MS = 15_000
PHOTO_PX = 480


class CardMoment(StrEnum):
    """Why the card was looked at."""

    BEFORE_RECORDING = "before_recording"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class CardSeen:
    """What the card told. `closed_by` says why the biodata on it stays closed, None when a SAM is at hand."""

    is_ktp_el: bool
    uid_digest: str = ""  # keyed; empty when the card tells no number or makes one up each time
    photograph: bytes = b""  # JPEG; empty when the chip's picture cannot be shown
    closed_by: Problem | None = None
    number: str = ""  # of the chip, in capital hex digits; empty where `uid_digest` is


@dataclass(frozen=True, slots=True)
class CardTools:
    """What reading a card takes besides the reader."""

    chip: KtpElChip
    sam: Sam
    pictures: SamplePictures
    key: NikKey


class CheckCard:
    """Reads the card in the kit's reader and remembers that it was seen."""

    def __init__(self, registry: Registry, tools: CardTools, store: Store, clock: Clock, user: User) -> None:
        self._registry, self._tools, self._store, self._clock, self._user = registry, tools, store, clock, user

    def read(self, cancel: Cancel, timeout_ms: int = WAIT_MS) -> CardSeen:
        """Wait for a card and read what it tells freely; blocks. Raise a `DeviceError`."""
        reader = self._registry.device_for(DeviceKind.CARD_READER)
        assert isinstance(reader, CardReader)
        reader.open(cancel)
        try:
            card = self._tools.chip.read(reader, reader.wait_for_card(cancel, timeout_ms))
        finally:
            reader.close()
        if card is None:
            return CardSeen(is_ktp_el=False)
        number = "" if _is_made_up(card.uid) else card.uid.hex()
        digest = self._tools.key.digest(number) if number else ""
        return CardSeen(True, digest, self._picture(card.photograph), self._closed_by(cancel), number.upper())

    def number(self, cancel: Cancel) -> str:
        """Return the number of the chip of a new card. Raise like `read`, `RuleError("blank.no_chip_number")`."""
        seen = self.read(cancel)
        if not seen.number:
            raise RuleError("blank.no_chip_number")
        return seen.number

    def note(self, target_id: str, seen: CardSeen, moment: CardMoment) -> None:
        """Write down that this person showed a KTP-el; nothing is written of another card."""
        if not seen.is_ktp_el:
            return
        with self._store.write() as unit:
            payload = {"moment": moment.value, "uid": seen.uid_digest}
            unit.events.append("card_seen", target_id, payload, self._user.user_id, self._clock.now())

    def _picture(self, photograph: bytes) -> bytes:
        try:
            return self._tools.pictures.photo(photograph, PHOTO_PX)
        except InputError:
            return b""

    def _closed_by(self, cancel: Cancel) -> Problem | None:
        try:
            self._tools.sam.open(cancel)
        except DeviceError as error:
            return error.problem
        self._tools.sam.close()
        return None


def _is_made_up(uid: bytes) -> bool:
    """Return whether a number is empty or random: four bytes beginning with 08 (ISO/IEC 14443-3, 6.5.4)."""
    return not uid or (len(uid) == 4 and uid[0] == 0x08)
