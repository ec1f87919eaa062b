"""Repositories of things, and the files that belong to them; both within the one transaction of a `Unit`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

from fieldkit.domain.cards.card import Place
from fieldkit.domain.delivery import CentralStatus
from fieldkit.domain.events import Thing
from fieldkit.domain.people import User
from fieldkit.domain.planning.schedule import HolidayYear
from fieldkit.domain.reports import CoverageLine
from fieldkit.domain.sop.profile import Sla
from fieldkit.domain.visits import Outcome
from fieldkit.ports.devices import Cancel, Device, DeviceKind, DeviceStatus, WatchedRegistry

# The accounts of a kit: who may sign in, and what each of them can change. Keys and slots stay behind it.


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this kit; a disabled one has nothing left to open, one who is new here has nothing yet."""

    user: User
    is_disabled: bool
    is_new: bool = False


class Accounts(Protocol):
    """The slots of this kit. Each change is on the disk when the call returns."""

    def everybody(self) -> Sequence[Account]:
        """List all accounts in the order they were added."""
        ...

    def change_passphrase(self, user_id: str, old: str, new: str) -> None:
        """Raise `VaultError` for the old one, `InputError` `vault.weak_passphrase…` for the new one."""
        ...

    def set_pin(self, user_id: str, passphrase: str, pin: str) -> None:
        """Set six digits, "" takes them away. Raise `VaultError`, `InputError` `vault.pin_form`."""
        ...

    def start_anew(self, user: User, passphrase: str, pin: str, certified: Callable[[], None]) -> None:
        """Give a user, also one who is new here, another key, certificate, passphrase and PIN.

        `certified` is called between certificate and slot: whoever can sign in is known to the store.
        Raise `InputError`, `TransferError`.
        """
        ...

    def new_sheet(self) -> str:
        """Return a code for a recovery sheet, as it is printed; nothing opens by it before it is kept."""
        ...

    def keep_sheet(self, user_id: str, code: str) -> None:
        """Let the code open this kit for the signed-in user, and the one before no longer. Raise `VaultError`."""
        ...

    def has_sheet(self, user_id: str) -> bool:
        """Return whether a recovery sheet of this user opens the kit."""
        ...

    def disable(self, user_id: str) -> None:
        """Throw away what the user's passphrase opens. Raise `RuleError` `vault.last_admin`."""
        ...

    def remove(self, user_id: str) -> None:
        """Forget the user. Raise `RuleError` `vault.last_admin`."""
        ...


# Where the national holidays come from.


class NationalHolidays(Protocol):
    """The holidays of Indonesia."""

    def year(self, year: int) -> HolidayYear:
        """Return one year; where the decree is not known, what can be computed, and that it is not published."""
        ...


# What the core asks of a card reader and of a resident's card.

Q = TypeVar("Q")


@dataclass(frozen=True, slots=True)
class CardChange:
    """A card came (with its ATR) or went."""

    is_there: bool
    atr: bytes = b""


@runtime_checkable
class CardReader(Device, Protocol):
    """A PC/SC reader."""

    def wait_for_card(self, cancel: Cancel, timeout_ms: int) -> bytes:
        """Return the ATR of the card that is or gets inserted. Raise `NothingPresentedError`.

        `cancel` holds for what is asked of this card as well.
        """
        ...

    def transceive(self, apdu: bytes) -> bytes:
        """Send a C-APDU and return the R-APDU with SW1 SW2; 61xx and 6Cxx are already handled."""
        ...

    def converse(self, act: Callable[[], Q]) -> Q:
        """Carry out an act of several commands that can be given up also while a slow card keeps one waiting."""
        ...

    def changes(self, cancel: Cancel) -> Iterator[CardChange]:
        """Yield each insertion and removal until cancelled, the card that lies there first."""
        ...


@dataclass(frozen=True, slots=True)
class KtpElCard:
    """What the chip of a KTP-el tells freely, without the ministry's SAM."""

    atr: bytes
    uid: bytes  # empty when the reader or the card (type B) does not give one
    card_control: bytes
    photograph: bytes
    photograph_codec: str  # jpeg, jp2, j2k or unknown


class KtpElChip(Protocol):
    """Knows the files of the chip."""

    def read(self, reader: CardReader, atr: bytes) -> KtpElCard | None:
        """Read the free files of the card on an open reader, or return None for another card. Raise a `DeviceError`."""
        ...


# Which device a kit uses where it has several of a kind.


@dataclass(frozen=True, slots=True)
class Choice:
    """The device that this kit uses for a kind; kept by whoever keeps settings."""

    driver: str
    address: str
    serial: str = ""

    def is_of(self, status: DeviceStatus) -> bool:
        """Return whether a status is of the chosen device; a known serial number finds it on another port.

        Where the place stood for the serial number, the place decides: the device may have told its number since.
        """
        if status.driver != self.driver:
            return False
        if self.serial and status.identity and not self.address.startswith(self.serial):
            return status.identity.serial == self.serial
        return status.address == self.address


def choice_of(status: DeviceStatus) -> Choice:
    """Return the choice that a status stands for."""
    return Choice(status.driver, status.address, status.identity.serial if status.identity else "")


class ChoosingRegistry(WatchedRegistry, Protocol):
    """A registry that can be told which device to use."""

    def choose(self, status: DeviceStatus) -> None:
        """Use this device for its kind from now on."""
        ...

    def choices(self) -> Mapping[DeviceKind, Choice]:
        """Return what is chosen, to be kept."""
        ...

    def restore(self, choices: Mapping[DeviceKind, Choice]) -> None:
        """Choose again what was kept."""
        ...


# Numbers over many records, visits and documents at once: what reports are made of. No person is named in them.


@dataclass(frozen=True, slots=True)
class Within:
    """From when (included) to when (excluded); None is open. With an activity only what belongs to it."""

    begun_at: datetime | None = None
    ended_at: datetime | None = None
    activity_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record as a report counts it, sealed here or `is_official`.

    `statuses` are those that end its way: unique, failed, printed.
    """

    record_id: str
    activity_id: str
    target_id: str
    sealed_at: datetime
    card_from: date | None
    exceptions: int
    is_acknowledged: bool
    statuses: tuple[CentralStatus, ...] = ()
    is_official: bool = False


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit that ended."""

    activity_id: str
    outcome: Outcome
    minutes: int


class Figures(Protocol):
    """Reads many rows in one query each."""

    def records(self, within: Within) -> Sequence[RecordLine]:
        """Return the records of both programs made within a time that none amends, oldest first."""
        ...

    def visits(self, within: Within) -> Sequence[VisitLine]:
        """Return the visits that ended within a time."""
        ...

    def documents(self, within: Within) -> Mapping[Place, int]:
        """Return where the documents are now that were first printed within a time."""
        ...

    def coverage(self, born_by: date, activity_ids: Collection[str]) -> Sequence[CoverageLine]:
        """Return by village who on the lists of activities was born by a day or is or was married."""
        ...

    def first_prints(self) -> Mapping[str, datetime]:
        """Return by record when its document was first printed."""
        ...

    def promises(self) -> Mapping[str, tuple[Sla, ...]]:
        """Return by activity what its SOP promises, without reading the rest of the profile."""
        ...


T = TypeVar("T", bound=Thing)


class Repository(Protocol[T]):
    """All things of one kind."""

    def save(self, thing: T) -> str:
        """Insert or replace; return the hex SHA-256 of the value as it is kept."""
        ...

    def save_all(self, things: Iterable[T]) -> None:
        """Insert or replace many, for lists that come as a whole."""
        ...

    def get(self, thing_id: str) -> T:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def find(self, thing_id: str) -> T | None:
        """Return one, or None."""
        ...

    def of(self, activity_id: str) -> Sequence[T]:
        """Return those of an activity, oldest first."""
        ...

    def search(self, text: str = "", limit: int | None = None) -> Sequence[T]:
        """Return those whose words have every typed word as a beginning (FTS5), newest first."""
        ...

    def having(self, field: str, values: Iterable[str]) -> Sequence[T]:
        """Return those of which a field has one of some values, newest first, without reading the others."""
        ...

    def remove(self, thing_id: str) -> None:
        """Erase one; an unknown id is no error."""
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A scan, a photo, a rendered paper, a signature: bytes that belong to a thing, encrypted like all else here."""

    attachment_id: str
    owner: str  # thing_id
    name: str  # the file name that people see
    media_type: str
    content: bytes
    sha256: str  # hex
    added_at: datetime


class Attachments(Protocol):
    """The files of things."""

    def put(self, attachment: Attachment) -> None:
        """Insert. Raise `StoreError("store.attachment_exists")` for the same id."""
        ...

    def get(self, attachment_id: str) -> Attachment:
        """Return one. Raise `StoreError("store.not_found")`."""
        ...

    def of(self, owner: str) -> Sequence[Attachment]:
        """Return those of a thing, oldest first."""
        ...

    def remove(self, attachment_id: str) -> None:
        """Erase one; an unknown id is no error."""
        ...


# How every record stands, read in one query: what the data center said last, its card, the age of its owner.


class Standing(NamedTuple):
    """What decides about the next act. `code` is "" while nothing was said, `place` is "" before a card was printed."""

    code: str
    is_stuck: bool  # sent, and nothing since `Asked.stuck_at`
    is_young: bool  # the card waits for a birthday
    place: str  # where the card is
    is_official: bool = False  # recorded in the official application


class StandingLine(NamedTuple):
    """One record. A plain tuple: thousands are read at once."""

    record_id: str
    masked_name: str
    masked_nik: str
    since: str  # ISO time of the last status, of the seal before the first; as text it sorts like time
    source: str  # who said the last status
    code_before: str  # what was said before the last
    card_from: str  # ISO day from which the card may be printed, "" for at once
    standing: Standing


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which moment, and of which activity; "" is every one."""

    today: date
    stuck_at: datetime  # who was sent by then and heard nothing is stuck
    activity_id: str = ""


class Standings(Protocol):
    """Reads them; records that another amends are left out."""

    def counts(self, asked: Asked) -> Mapping[Standing, int]:
        """Return how many records stand alike, without those whose card is with its owner: nothing is left to do."""
        ...

    def without_card(self, codes: Collection[str], activity_id: str = "") -> Sequence[str]:
        """Return the ids of the records that heard one of these codes last and have no card, as they were sealed."""
        ...

    def lines(self, asked: Asked) -> Sequence[StandingLine]:
        """Return every record, the longest waiting first."""
        ...

    def unfinished(self, ended: Collection[str], since: datetime) -> Sequence[str]:
        """Return the ids of the records that no card ended, by a code or our own print, or only since then."""
        ...
