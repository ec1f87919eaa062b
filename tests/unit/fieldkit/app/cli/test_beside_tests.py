from __future__ import annotations

from pathlib import Path

import pytest

from drivers.simulators.escpos import SlipPrinter
from fieldkit.app.bootstrap.devices import Addresses
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli.beside_tests import Beside, beside_of, has_sam, side_as_json, side_row, try_beside
from fieldkit.ports.devices import NotConnectedError


class Sam:
    def __init__(self, error: Exception | None = None) -> None:
        self._error, self.closed = error, 0

    def open(self, cancel: object) -> None:
        if self._error:
            raise self._error

    def close(self) -> None:
        self.closed += 1


def test_what_a_kit_names_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIELDKIT_RECEIPT_PRINTER", raising=False)
    assert beside_of(Home(tmp_path)) == Beside()
    assert try_beside(Beside(), None) == []
    (tmp_path / "devices.toml").write_text("[gps]\naddresses = ['/dev/ttyACM0#9600']\n", "utf-8")
    monkeypatch.setenv("FIELDKIT_RECEIPT_PRINTER", "tcp://printer")
    assert beside_of(Home(tmp_path)) == Beside("tcp://printer", "/dev/ttyACM0#9600")
    assert has_sam(Addresses({"pcsc": ("ACS 01 00#sam=A0",)}))
    assert not has_sam(Addresses({"pcsc": ("ACS 01 00",)}))


def test_a_slip_comes_out_and_what_fails_says_why() -> None:
    printer, sam = SlipPrinter(), Sam()
    try:
        printed, opened = try_beside(Beside(printer.address), sam)
    finally:
        printer.stop()
    assert (printed.is_ok, opened.is_ok, sam.closed) == (True, True, 1)
    assert side_as_json(printed)["kind"] == "receipt_printer"
    assert side_row(opened)[:2] == ("SAM", "SAM")
    absent = NotConnectedError("device.sam.absent", address="ACS")
    refused, missing = try_beside(Beside(printer.address), Sam(absent))
    assert (refused.is_ok, side_as_json(refused)["state"]) == (False, "not_ready")
    assert "ACS" in side_row(missing)[-1] or side_row(missing)[-1]
