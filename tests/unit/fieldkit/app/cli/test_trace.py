from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from support.commands import fieldkit, refused

from drivers.registry import GROUP
from drivers.serial_line import open_line
from drivers.simulators.isdv4 import Isdv4Tablet
from drivers.simulators.recorded import read_trace
from drivers.simulators.stage import Stage
from drivers.simulators.subject import SyntheticSubject
from fieldkit import VERSION
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.devices import Addresses
from fieldkit.app.cli.trace import HeldClock
from fieldkit.app.demo.bench import Bench

DRIVERS = frozenset(entry.name for entry in entry_points(group=GROUP))


@pytest.fixture
def tablet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Isdv4Tablet]:
    """The only simulated device, with a camera that is a picture file: no line of that is recorded."""
    stage = Stage()
    stage.present(SyntheticSubject(5))
    tablet = Isdv4Tablet(stage, tmp_path)
    (tmp_path / "trust").mkdir()

    @contextmanager
    def bench() -> Iterator[Bench]:
        given = {"isdv4": (tablet.address,)}
        yield Bench(Addresses(given, DRIVERS, frozenset({tablet.address})), tmp_path / "trust", "", "")

    monkeypatch.setattr("fieldkit.app.demo.bench.simulated_bench", bench)
    yield tablet
    tablet.stop()


@pytest.mark.parametrize(("options", "word"), [((), "only their lengths"), (("--with-payloads",), "WITH biometric")])
def test_the_file_is_private_and_says_what_it_is(
    tablet: Isdv4Tablet, tmp_path: Path, options: tuple[str, ...], word: str
) -> None:
    out = tmp_path / "trace.jsonl"
    said = fieldkit("devices", "trace", "--out", out, "--simulated", "--home", tmp_path, *options, lang="en")
    assert (said.code, said.err) == (0, "")
    assert "Device test" in said.out
    assert (str(out) in said.out, word in said.out) == (True, True)
    assert "Not in the trace" not in said.out
    assert out.stat().st_mode & 0o777 == 0o600
    trace = read_trace(out)
    assert (trace.header["program"], trace.header["payloads"], trace.header["trust"]) == (VERSION, bool(options), "")
    assert trace.header["system"]
    assert datetime.fromisoformat(trace.header["started_at"]).tzinfo is not None
    (device,) = trace.tested()
    assert (device.found["driver"], device.found["address"], device.found["state"]) == (
        "isdv4",
        tablet.address,
        "ready",
    )
    assert (device.is_ok, device.code, device.ids) == (True, "", [])
    acts = [event["act"] for event in trace.lines("serial")[tablet.address]]
    assert (acts[0], acts[-1]) == ("opened", "closed")


@pytest.mark.days
def test_every_line_of_the_simulators_is_in_a_trace_or_named(tmp_path: Path) -> None:
    out = tmp_path / "trace.jsonl"
    said = fieldkit("devices", "trace", "--out", out, "--simulated", "--home", tmp_path, lang="en")
    assert (said.code, said.err) == (0, ""), said.out
    trace, named = read_trace(out), said.out.split("Not in the trace")[1].replace("\n", " ")
    lines = {line for way in ("http", "serial", "hid", "pcsc") for line in trace.lines(way)}
    recorded = {d.found["driver"] for d in trace.tested() if d.found["address"].partition("#")[0] in lines}
    assert recorded >= {"sbi", "topaz", "isdv4", "zfm", "stu"}
    for device in trace.tested():
        assert (device.found["driver"] in recorded) is not (device.found["model"] in named), device.found


def test_a_file_that_is_there_stays_as_it_is(tablet: Isdv4Tablet, tmp_path: Path) -> None:
    out = tmp_path / "trace.jsonl"
    out.write_text("mine")
    assert refused("devices", "trace", "--out", out, "--simulated", "--home", tmp_path) == (2, "cli.file_exists")
    assert out.read_text() == "mine"


def test_a_device_that_does_not_do_its_part_is_in_the_trace_too(tablet: Isdv4Tablet, tmp_path: Path) -> None:
    tablet.unplug()
    out = tmp_path / "trace.jsonl"
    said = fieldkit("devices", "trace", "--out", out, "--simulated", "--home", tmp_path)
    assert said.code == 3
    (device,) = read_trace(out).tested()
    assert (device.is_ok, device.code, device.found["state"]) == (False, "device.not_connected", "absent")
    assert "Tidak ada dalam catatan" not in said.out, "nothing was tried on its line"


def test_a_line_that_cannot_be_recorded_is_named(
    tablet: Isdv4Tablet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys.modules["drivers.isdv4.driver"], "open_line", lambda port, baud, traced: open_line(port, baud)
    )
    out = tmp_path / "trace.jsonl"
    said = fieldkit("devices", "trace", "--out", out, "--simulated", "--home", tmp_path, lang="en")
    assert f"Wacom ISDv4 {tablet.address}" in said.out.split("Not in the trace")[1].replace("\n", "")
    assert read_trace(out).lines("serial") == {}


def test_a_held_clock_stands_still() -> None:
    clock, at = SystemClock(WIB), datetime(2026, 11, 25, 20, tzinfo=UTC)
    held = HeldClock(clock, at)
    assert (held.now(), held.today().day) == (at, 26)
    assert held.local(at) == clock.local(at)


def test_a_trace_that_was_broken_off_is_readable_up_to_there(tablet: Isdv4Tablet, tmp_path: Path, monkeypatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fieldkit.services.devices.SelfTest.run", killed)
    out = tmp_path / "trace.jsonl"
    assert fieldkit("devices", "trace", "--out", out, "--simulated", "--home", tmp_path).code == 130
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["act"] for line in lines[1:] if line["way"] == "test"] == ["scanned", "test"]
