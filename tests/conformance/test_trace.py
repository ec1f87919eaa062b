"""What passes on a line is recorded, and its replay is the same device again.

With `FIELDKIT_TRACE=FILE` a trace that somebody sent is replayed the same way.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest
import serial
from support import pcscd
from support.standstill import wait_until

from drivers.mjpeg import MjpegReader
from drivers.registry import GROUP
from drivers.sbi import device as sbi_device
from drivers.simulators import stu
from drivers.simulators.bench import SimulatedKit
from drivers.simulators.recorded import Trace, TraceError, read_trace
from drivers.simulators.replay import Replay
from drivers.simulators.sbi.requests import V0_9_5, V1_0
from drivers.simulators.subject.synthetic import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard
from drivers.zfm.dialogue import PacketKind, PacketParser
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.app.cli import trace as trace_command
from fieldkit.app.cli.trace import HeldClock, record, scanned, try_device
from fieldkit.services import devices as self_test

DRIVERS = frozenset(entry.name for entry in entry_points(group=GROUP))
CLASSES = ["finger", "pad", "module", "stu", "card", "tablet", "iris", "finger-1.0", "iris-1.0"]
PLENTY_MS = 120_000
SENT = os.environ.get("FIELDKIT_TRACE", "")
virtual_reader = pytest.fixture(scope="module")(pcscd.virtual_reader)


def at(driver: str, address: str) -> Addresses:
    return Addresses({driver: (address,)}, DRIVERS, frozenset({address}))


@contextmanager
def standing_in(hid: ModuleType | None) -> Iterator[None]:
    """Let a module be `hid`; what is imported meanwhile stays, which `patch.dict` would take away again."""
    with pytest.MonkeyPatch.context() as patch:
        if hid is not None:
            patch.setitem(sys.modules, "hid", hid)
        yield


@contextmanager
def standing(name: str, kit: SimulatedKit) -> Iterator[Addresses]:
    """Give where one device of the kit is, and nothing else."""
    places = kit.addresses
    match name.partition("-")[0]:
        case "finger":
            yield at("sbi", places.finger_url)
        case "iris":
            yield at("sbi", places.iris_url)
        case "pad":
            yield at("topaz", f"{places.topaz_tty}#siglite-1x5")
        case "tablet":
            yield at("isdv4", places.isdv4_tty)
        case "module":
            yield at("zfm", places.zfm_tty)
        case "stu":
            with standing_in(stu.StuPad(kit.stage).module):
                yield at("stu", stu.PATH.decode())
        case "card":
            wait_until(kit.insert_card)
            pcscd.wait_until_present(pcscd.READER)
            yield at("pcsc", pcscd.READER)
            kit.remove_card()
            pcscd.wait_until_empty()


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[bytes]]:
    """Collect what comes in from devices, before any part of the recorder sees it."""
    seen: dict[str, list[bytes]] = {"serial": [], "frames": [], "captures": [], "reports": []}
    read, feed, parse = serial.Serial.read, MjpegReader.feed, sbi_device.parse_capture
    next_report = stu.StuPad.next_report

    def spied_read(line, size=1):
        seen["serial"].append(received := read(line, size))
        return received

    def spied_feed(reader, received):
        seen["frames"] += (frames := feed(reader, received))
        return frames

    def spied_parse(body, *rest):
        for item in json.loads(body)["biometrics"]:
            payload = json.loads(decoded(item["data"].split(".")[1]))
            seen["captures"] += [decoded(payload["bioValue"]), payload["bioValue"].encode()]
        return parse(body, *rest)

    def spied_report(pad, timeout_ms):
        seen["reports"].append(report := next_report(pad, timeout_ms))
        return report

    monkeypatch.setattr(serial.Serial, "read", spied_read)
    monkeypatch.setattr(MjpegReader, "feed", spied_feed)
    monkeypatch.setattr(sbi_device, "parse_capture", spied_parse)
    monkeypatch.setattr(stu.StuPad, "next_report", spied_report)
    return seen


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give devices all the time that a busy machine may need. Return what ends the wait for a pen that stays hidden."""
    monkeypatch.setattr(self_test, "PREVIEW_WITHIN_S", PLENTY_MS / 1000)
    for name in ("CAPTURE_MS", "SIGN_MS", "CARD_MS"):
        monkeypatch.setattr(self_test, name, PLENTY_MS)
    monkeypatch.setattr(trace_command, "CARD_MS", PLENTY_MS)
    return lambda: monkeypatch.setattr(self_test, "SIGN_MS", 1)


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def of_a_person(name: str, passed: dict[str, list[bytes]], person: SyntheticSubject) -> list[bytes]:
    """Return what no trace without payloads may hold, by what is known of each protocol."""
    raw = b"".join(passed["serial"])
    match name.partition("-")[0]:
        case "pad":
            return [raw[n : n + 5] for n, byte in enumerate(raw) if byte & 0x80 and byte >> 2 & 7 in (0, 1, 4)]
        case "tablet":
            return [raw[n : n + 9] for n, byte in enumerate(raw) if byte in (0xA0, 0xA1)]
        case "module":
            data = (PacketKind.DATA, PacketKind.LAST_DATA)
            return [packet.payload for packet in PacketParser().feed(raw) if packet.kind in data]
        case "stu":
            return [report[1:] for report in passed["reports"] if report]
        case "card":
            card = KtpElCard.of(person)
            return [card.answer(b"\xff\xca\0\0\0")[:-2], b"\xff\xd8\xff"]
    return [*passed["frames"], *passed["captures"]]


def holds(text: str, secret: bytes) -> bool:
    """Return whether a text holds bytes, or a part from their middle, in any of the forms in which it could."""
    part = secret[len(secret) // 2 // 3 * 3 :][:48] if len(secret) > 100 else secret
    shown = (secret.hex(), part.hex(), base64.b64encode(part).decode(), base64.urlsafe_b64encode(part).decode())
    return any(form.rstrip("=") in text for form in shown)


@pytest.mark.parametrize("with_payloads", [True, False], ids=["with-payloads", "without"])
@pytest.mark.parametrize("name", CLASSES)
def test_a_recorded_device_comes_back(
    name, with_payloads, passed, unhurried, person, provider, ports, tmp_path, request: pytest.FixtureRequest
):
    if name == "card":
        request.getfixturevalue("virtual_reader")
    path, dialect = tmp_path / "trace.jsonl", V1_0 if name.endswith("1.0") else V0_9_5
    kit = SimulatedKit(finger_ports=ports, iris_ports=ports, provider=provider, dialect=dialect)
    with kit, path.open("xb") as file:
        kit.present(person)
        trust, clock = kit.addresses.trust_pem, SystemClock(WIB)
        with standing(name, kit) as addresses:
            verdicts, lines = record(file, addresses, trust, clock, with_payloads=with_payloads)
    ((verdict),) = verdicts
    assert (verdict.is_ok, verdict.detail) == (True, None)
    assert verdict.status.address.partition("#")[0] in lines
    secrets = of_a_person(name, passed, person)
    assert secrets
    text = path.read_text("utf-8")
    assert any(holds(text, secret) for secret in secrets) is with_payloads
    if not with_payloads:
        unhurried()
    hidden = replayed(read_trace(path), tmp_path)
    assert bool(hidden) is not with_payloads


def replayed(trace: Trace, folder: Path) -> set[str]:
    """Play a trace back: the same devices, the same requests, the same verdicts. Return where a payload was hidden."""
    trust = folder / "trust.pem"
    trust.write_text(trace.header["trust"])
    clock = HeldClock(SystemClock(WIB), datetime.fromisoformat(trace.header["started_at"]))
    seen = []
    with Replay(trace, folder) as replay, standing_in(replay.hid):
        if replay.card is not None:
            wait_until(replay.insert_card)
            pcscd.wait_until_present(pcscd.READER)
        devices = replay.tested()
        assert devices, "no line of this trace can be played back here"
        given: dict[str, tuple[str, ...]] = {}
        for device in devices:
            name, address = device.found["driver"], device.found["address"]
            given[name] = tuple(dict.fromkeys((*given.get(name, ()), address)))
        everywhere = frozenset(address for addresses in given.values() for address in addresses)
        connected = connect_devices(trust, clock, Addresses(given, DRIVERS, everywhere), is_watching=False)
        try:
            found = {tuple(scanned(status).items()): status for status in connected.registry.scan()}
            for device in devices:
                assert tuple(device.found.items()) in found, f"{device.found} is not what the scan finds: {[*found]}"
                status = found[tuple(device.found.items())]
                held = HeldClock(clock, datetime.fromisoformat(device.at))
                verdict = try_device(connected, status, held, Given(device.ids))
                seen.append((device, verdict))
        finally:
            connected.close()
    if replay.card is not None:
        pcscd.wait_until_empty()
    hidden, differences = replay.findings.hidden, replay.findings.differences
    for device, verdict in seen:
        line, is_service = replay.recorded_at(device.found["address"]), device.found["driver"] == "sbi"
        # A service may capture at another address than the one at which it is found.
        if line not in hidden and not (is_service and any("://" in each for each in hidden)):
            code = verdict.detail.code if verdict.detail else ""
            assert (verdict.is_ok, code) == (device.is_ok, device.code), differences
    assert [each for each in differences if not hidden or "not recorded" in each] == []
    return hidden


class Given:
    """`Ids` that were given before."""

    def __init__(self, ids: list[str]) -> None:
        self._ids = iter(ids)

    def new(self) -> str:
        return next(self._ids, "not-recorded")


@pytest.mark.skipif(not SENT, reason="FIELDKIT_TRACE names no trace of a device")
def test_a_trace_that_somebody_sent(tmp_path, request: pytest.FixtureRequest):
    trace = read_trace(Path(SENT))
    if any(event["act"] == "connected" for events in trace.lines("pcsc").values() for event in events):
        request.getfixturevalue("virtual_reader")
    hidden = replayed(trace, tmp_path)
    print("payloads were hidden on:", ", ".join(sorted(hidden)) or "no line")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no trace"),
        (b"GIF89a", "is no trace"),
        (b'["format"]\n', "is no trace"),
        (b'{"format": "fieldkit-trace", "version": 2}\n', "version 2"),
        (b'{"format": "fieldkit-trace", "version": 1}\n', "cut off after line 1"),
        (b'{"format": "fieldkit-trace", "version": 1}\n{"act": "in"}\n{"act": "e', "cut off after line 2"),
    ],
)
def test_what_is_no_whole_trace_is_refused(content, said, tmp_path):
    path = tmp_path / "trace.jsonl"
    path.write_bytes(content)
    with pytest.raises(TraceError, match=said):
        read_trace(path)
