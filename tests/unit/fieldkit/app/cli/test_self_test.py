from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from support.commands import fieldkit
from support.performed import laying_cards

from drivers.registry import GROUP
from drivers.simulators.escpos import SlipPrinter
from fieldkit.app.bootstrap.devices import Addresses
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli.self_test import Beside, beside_of, has_sam, side_as_json, side_row, try_beside
from fieldkit.app.demo.bench import Bench
from fieldkit.ports.devices import NotConnectedError

FIELDS = {"device", "driver", "kind", "state", "ok", "ms", "detail"}


@pytest.mark.days
def test_all_simulators_pass(tmp_path: Path) -> None:
    with laying_cards():
        said = fieldkit("devices", "test", "--simulated", "--json", "--home", tmp_path)
    assert (said.code, said.err) == (0, ""), said.out
    wanted = {"sbi", "opencv", "topaz", "isdv4", "stu", "zfm", "vendor", "escpos", "gps"}
    assert {line["driver"] for line in said.json} >= wanted
    assert len(said.json) >= 14
    kinds = ("fingerprint", "iris", "camera", "signature_pad", "receipt_printer", "receiver")
    assert {line["kind"] for line in said.json} >= set(kinds)
    assert any("SBI 1.0" in line["device"] for line in said.json)
    assert any("signaturegem-lcd-1x5" in line["device"] for line in said.json)
    for line in said.json:
        assert set(line) == FIELDS
        assert (line["ok"], line["state"]) == (True, "ready")
        assert line["ms"] > 0


def test_a_driver_whose_simulator_cannot_run_here_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def bench() -> Iterator[Bench]:
        nothing = Addresses(only_given=frozenset(entry.name for entry in entry_points(group=GROUP)))
        yield Bench(nothing, tmp_path, "", "")

    monkeypatch.setattr("fieldkit.app.demo.bench.simulated_bench", bench)
    said = fieldkit("devices", "test", "--simulated", "--home", tmp_path, lang="en")
    assert said.code == 0
    told = said.out.split("Not tested")[1].replace("\n", " ")
    assert all(name in told for name in ("pcsc", "libfprint", "sbi", "vendor"))


@pytest.mark.parametrize(("lang", "word"), [("id", "Uji perangkat"), ("en", "Device test")])
def test_for_people_and_with_a_device_that_is_not_there(tmp_path: Path, lang: str, word: str) -> None:
    said = fieldkit("devices", "test", "--home", tmp_path, lang=lang)
    assert said.code in (0, 3)  # as this machine's own devices are
    assert word in said.out


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
