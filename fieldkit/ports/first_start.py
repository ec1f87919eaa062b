"""What the core asks of a laptop without a kit: everything up to the first sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import NO_SLIP, Slip

if TYPE_CHECKING:  # the sign-in screen loads this module, and no device
    from fieldkit.ports.devices import Cancel, PreviewSink


class Step(StrEnum):
    """The steps before the first sign-in, in their order."""

    LANGUAGE = "language"
    OFFICE = "office"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Begun:
    """How far a first start has come. No passphrase is ever part of it."""

    step: Step = Step.LANGUAGE
    language: str = ""
    slip: Slip = NO_SLIP
    admin: str = ""  # user id
    name: str = ""


@dataclass(frozen=True, slots=True)
class NewAdmin:
    """The first admin, and what opens the kit."""

    user_id: str
    name: str
    passphrase: str
    pin: str = ""
    wants_code: bool = False  # is led to the set-up of a second factor at the first sign-in


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a passphrase is to guess, 0 (at once) to 4; `problem` says why no slot would be closed with it."""

    score: int
    problem: Problem | None = None


class FirstStart(Protocol):
    """Makes a kit of this laptop. All of it blocks."""

    def left(self) -> Begun:
        """Return where an earlier start was left, also after a kill."""
        ...

    def keep(self, begun: Begun) -> None:
        """Keep how far it has come. Raise `StoreError`."""
        ...

    def read(self, text: str) -> Slip:
        """Return the slip in what was pasted, or in the file that was named: text, or a picture of its QR code.

        Raise `InputError` `awal.no_slip_there`, `cli.unreadable`.
        """
        ...

    def scan(self, preview: PreviewSink, cancel: Cancel) -> Slip | None:
        """Watch the camera until a slip's QR code is seen, None when cancelled. Raise a `DeviceError`."""
        ...

    def find(self, slip: Slip) -> None:
        """Ask the gateway whether it is the one on the slip; nothing secret is sent. Raise `TransferError`."""
        ...

    def strength(self, passphrase: str, names: tuple[str, ...]) -> Strength:
        """Judge a passphrase; `names` are words that everybody knows of the user."""
        ...

    def enrol(self, slip: Slip, admin: NewAdmin) -> None:
        """Make the kit. After any failure the same slip works again. Raise `KnownError` as `fieldkit enrol`."""
        ...
