"""A first start that does what the test wants and notes what it was asked."""

from __future__ import annotations

from fieldkit.domain.errors import InputError, KnownError, Problem
from fieldkit.domain.people import Slip, slip_in
from fieldkit.ports.devices import Cancel, PreviewSink
from fieldkit.ports.first_start import Begun, NewAdmin, Strength

SLIP = Slip("https://pusat.test:8443", "ABCD-EFGH-IJKL-MNOP-QRST", ":".join(["0A"] * 32), "K01", "ani")


class ListedFirstStart:
    """A `FirstStart` in memory; `refusals` are what the next calls to the gateway meet."""

    def __init__(self) -> None:
        self.begun = Begun()
        self.refusals: list[KnownError] = []
        self.enrolled: list[tuple[Slip, NewAdmin]] = []
        self.scanned: Slip | KnownError = SLIP

    def left(self) -> Begun:
        return self.begun

    def keep(self, begun: Begun) -> None:
        self.begun = begun

    def read(self, text: str) -> Slip:
        found = slip_in(text)
        if not found.is_whole:
            raise InputError("awal.no_slip_there", file=text)
        return found

    def scan(self, preview: PreviewSink, cancel: Cancel) -> Slip | None:
        if isinstance(self.scanned, KnownError):
            raise self.scanned
        return self.scanned

    def find(self, slip: Slip) -> None:
        self._meet()

    def strength(self, passphrase: str, names: tuple[str, ...]) -> Strength:
        if len(passphrase) < 16:
            return Strength(1, Problem("vault.passphrase_common"))
        return Strength(4)

    def enrol(self, slip: Slip, admin: NewAdmin) -> None:
        self._meet()
        self.enrolled.append((slip, admin))

    def _meet(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
