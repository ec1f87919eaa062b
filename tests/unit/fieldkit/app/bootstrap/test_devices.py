from __future__ import annotations

import threading
from pathlib import Path

import pytest
from support.clock import NOW
from support.homes import CLOCK, NOWHERE

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.app.bootstrap.devices import (
    NAME,
    WHEREVER_FOUND,
    Addresses,
    DriverAddresses,
    KitDevices,
    ProviderFolder,
    addresses_of,
    connect_devices,
    connect_whatever,
    known_drivers,
    read_device_file,
    read_vendor_commands,
)
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.finger import print_record
from fieldkit.formats.images import Pixels, decode_grey
from fieldkit.ports.clock import Clock
from fieldkit.ports.devices import CaptureResult, DeviceKind, DeviceState, NotConnectedError
from fieldkit.quality import face_networks
from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca


def test_without_devices_the_registry_says_so(tmp_path: Path) -> None:
    devices = connect_devices(tmp_path, CLOCK, NOWHERE, is_watching=False)
    with pytest.raises(NotConnectedError) as caught:
        devices.registry.device_for(DeviceKind.FINGERPRINT)
    assert caught.value.code == "device.none.fingerprint"
    devices.close()
    devices.close()


def test_watching_ends_with_closing(tmp_path: Path) -> None:
    before = threading.active_count()
    devices = connect_devices(tmp_path, CLOCK, NOWHERE)
    devices.close()
    assert threading.active_count() == before


def test_a_mistake_in_the_devices_file_keeps_nobody_from_signing_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Addresses] = []

    def connected(trust: Path, clock: Clock, addresses: Addresses = WHEREVER_FOUND) -> KitDevices:
        tried.append(addresses)
        return connect_devices(trust, clock, NOWHERE, is_watching=False)

    monkeypatch.setattr("fieldkit.app.bootstrap.devices.connect_devices", connected)
    assert connect_whatever(Home(tmp_path), tmp_path, CLOCK).faults == ()
    (tmp_path / "devices.toml").write_text("[nonsense]")
    devices = connect_whatever(Home(tmp_path), tmp_path, CLOCK)
    assert [fault.code for fault in devices.faults] == ["devices_file.unknown_driver"]
    assert tried[-1] is WHEREVER_FOUND
    devices.close()
    monkeypatch.setattr(face_networks, "files", lambda _package: tmp_path)
    codes = [fault.code for fault in connect_whatever(Home(tmp_path), tmp_path, CLOCK).faults]
    assert codes == ["devices_file.unknown_driver", "face_model.damaged"]


def test_a_trust_folder_that_cannot_be_read_stops_no_camera(tmp_path: Path) -> None:
    """Devices that sign are refused with the name of the file (tests of the trust); the others need none of it."""
    (tmp_path / "provider.pem").write_text("no certificate")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"")
    addresses = Addresses({"opencv": (str(photo),)}, NOWHERE.only_given)
    devices = connect_devices(tmp_path, CLOCK, addresses, is_watching=False)
    assert [(s.driver, s.state) for s in devices.registry.scan() if s.driver == "opencv"] == [
        ("opencv", DeviceState.READY)
    ]
    devices.close()


def test_a_kit_without_a_trust_folder_has_devices_but_believes_none(tmp_path: Path) -> None:
    connect_devices(tmp_path / "not there", CLOCK, NOWHERE, is_watching=False).close()


def test_inspection_matcher_and_screen_decode_a_print_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []

    def noted(data: bytes) -> Pixels:
        decoded.append(data)
        return decode_grey(data)

    monkeypatch.setattr("fieldkit.formats.iso19794.decode_grey", noted)
    devices = connect_devices(tmp_path, CLOCK, NOWHERE, is_watching=False)
    score = QualityScore(80, "device")
    image = SyntheticSubject(5).finger(Position.LEFT_INDEX, 0, Condition.GOOD)
    record = print_record(image, Position.LEFT_INDEX, score, CLOCK.now(), 500)
    sample = Sample(Position.LEFT_INDEX, SampleFormat.ISO_19794_4, record, score)
    (kept,) = devices.inspector.inspect(CaptureResult((sample,))).samples
    devices.matcher.prepare(kept)
    assert devices.pictures.jpeg(kept, 100)
    assert len(decoded) == 1
    devices.close()


ALL = """
[topaz]
addresses = ["/dev/ttyUSB0#clipgem"]

[pcsc]
addresses = ["ACS ACR40U 01 00#sam=A000000618"]

[opencv]
addresses = ["http://192.168.7.2/stream", "ir:/dev/video2"]
search = false

[zfm]
search = false

[gps]
addresses = ["/dev/ttyACM0#9600"]
"""


def written(folder: Path, text: str) -> Path:
    (folder / NAME).write_text(text, "utf-8")
    return folder / NAME


def test_a_kit_without_the_file_looks_everywhere(tmp_path: Path) -> None:
    assert read_device_file(tmp_path / NAME) == {}
    assert addresses_of(Home(tmp_path)).only_given == frozenset()


def test_what_the_file_says_reaches_the_drivers(tmp_path: Path) -> None:
    told = read_device_file(written(tmp_path, ALL))
    assert told["gps"] == DriverAddresses(addresses=("/dev/ttyACM0#9600",))
    addresses = addresses_of(Home(tmp_path))
    assert dict(addresses.given) == {
        "topaz": ("/dev/ttyUSB0#clipgem",),
        "pcsc": ("ACS ACR40U 01 00#sam=A000000618",),
        "opencv": ("http://192.168.7.2/stream", "ir:/dev/video2"),
    }
    assert addresses.only_given == {"opencv", "zfm"}
    assert addresses.simulated == frozenset()


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("[topaz]\naddresses = [oops]\n", "devices_file.no_toml", "2"),
        ("[topaz]\naddresses = 5", "devices_file.wrong", "topaz.addresses"),
        ("[topaz]\naddresses = [7]", "devices_file.wrong", "topaz.addresses.0"),
        ("[topaz]\naddresses = [' ']", "devices_file.wrong", "topaz.addresses"),
        ("[topaz]\nport = '/dev/ttyUSB0'", "devices_file.wrong", "topaz.port"),
        ("[opencv]\nsearch = 'no'", "devices_file.wrong", "opencv.search"),
        ("topaz = 'COM3'", "devices_file.wrong", "topaz"),
        ("[topas]", "devices_file.unknown_driver", "topas"),
        ("[sbi]\naddresses = ['http://127.0.0.1:99999']", "devices_file.wrong", "sbi.addresses"),
        ("[sbi]\naddresses = ['127.0.0.1:45O1']", "devices_file.wrong", "sbi.addresses"),
        ("[sbi]\naddresses = ['http://[::1']", "devices_file.wrong", "sbi.addresses"),
        ("[opencv]\naddresses = ['ir:http://10.0.0.1:port/']", "devices_file.wrong", "opencv.addresses"),
        ("[opencv]\naddresses = ['/dev/video0', 'http://[fe80::1']", "devices_file.wrong", "opencv.addresses"),
        ("[sbi]\naddresses = ['ftp://127.0.0.1:4501']", "devices_file.wrong", "sbi.addresses"),
        ("[opencv]\naddresses = ['ir:']", "devices_file.wrong", "opencv.addresses"),
        ("[gps]\naddresses = ['gpsd://127.0.0.1:x']", "devices_file.wrong", "gps.addresses"),
        ("[zfm]\naddresses = ['/dev/ttyUSB0#secret']", "devices_file.wrong", "zfm.addresses"),
        ("[pcsc]\naddresses = ['ACS 01 00#sam=A0000XYZ']", "devices_file.wrong", "pcsc.addresses"),
    ],
)
def test_a_mistake_is_named_with_file_and_place(tmp_path: Path, text: str, code: str, where: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_device_file(file)
    params = caught.value.problem.params
    assert (caught.value.code, params["file"]) == (code, str(file))
    assert where in str(params.get("field", params.get("line")))
    said = strict_catalogue("id").problem(caught.value.problem).what
    assert not {"Input", "should", "Expected", "Invalid"} & set(said.split())


def test_the_adapters_of_vendors_are_commands(tmp_path: Path) -> None:
    text = "[topaz]\nsearch = false\n[vendor.slap]\ncommand = ['/opt/slap', '--usb']\n[vendor.iris]\ncommand = ['i']\n"
    file = written(tmp_path, text)
    assert read_vendor_commands(file) == {"slap": ("/opt/slap", "--usb"), "iris": ("i",)}
    assert set(read_device_file(file)) == {"topaz"}
    assert addresses_of(Home(tmp_path)).commands["iris"] == ("i",)
    assert read_vendor_commands(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        ("[vendor.slap]\ncommand = []", "vendor.slap.command", 2),
        ("[vendor.slap]\ncommand = '/opt/slap'", "vendor.slap.command", 2),
        ("\n[vendor.slap]\ncommand = ['/opt/slap', '']", "vendor.slap.command.1", 3),
        ("[topaz]\n[vendor.slap]\n", "vendor.slap.command", 2),
        ("[vendor.slap]\ncommand = ['a']\nshell = true", "vendor.slap.shell", 3),
        ("[vendor.'a/b']\ncommand = ['a']", "vendor.a/b", 1),
        ("vendor = 5", "vendor", 1),
        ("[vendor]\naddresses = ['a']", "vendor.addresses", 1),
    ],
)
def test_a_mistake_in_an_adapter_is_named(tmp_path: Path, text: str, field: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        addresses_of(Home(written(tmp_path, text).parent))
    params = caught.value.problem.params
    assert (caught.value.code, params["field"], params["line"]) == ("devices_file.wrong", field, line)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"devices_file\.unreadable"):
        addresses_of(Home(tmp_path))


def test_every_driver_stands_on_the_page() -> None:
    page = Path(__file__).parents[5].joinpath("docs", "devices.md").read_text("utf-8")
    assert [name for name in known_drivers() if f"| `{name}` |" not in page] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# where\n\n[topaz]\nsearch = true\naddresses = 5\n", 5),
        ("[zfm]\naddresses = ['a']\n\n[ 'topaz' ]\n  addresses = [\n  7,\n]\n", 5),
        ("[zfm]\nsearch = true\n[topaz]\nport = 'x'\n", 4),
        ("\ntopaz = 'COM3'", 2),
        ("\n\ntopaz.search = 'no'", 3),
        ("[zfm]\n[topaz]\naddresses = ['x', ' ']", 3),
        ("[zfm]\nsearch = true\n\n[topas]\n", 4),
        ('[zfm]\nsearch = true\n[portrait]\nmodel = "face.onnx"\n', 4),  # of an older program
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        read_device_file(written(tmp_path, text))
    assert caught.value.problem.params["line"] == line


ONE, OTHER = create_ca("Penyedia Satu", NOW).certificate_der, create_ca("Penyedia Dua", NOW).certificate_der


def test_certificates_are_trusted_listed_and_let_go(tmp_path: Path) -> None:
    folder = ProviderFolder(tmp_path / "trust")
    assert list(folder.listed()) == []
    both = certificates.certificates_to_pem(ONE, OTHER).encode()
    assert [each.name for each in folder.look(both)] == ["CA Penyedia Satu", "CA Penyedia Dua"]
    assert not (tmp_path / "trust").exists()
    folder.add(both)
    folder.add(ONE)  # as DER, once more
    assert [each.name for each in folder.listed()] == ["CA Penyedia Dua", "CA Penyedia Satu"]
    assert folder.listed()[1].fingerprint == certificates.fingerprint(ONE)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "trust").iterdir())
    folder.remove(certificates.fingerprint(ONE))
    folder.remove("AB:CD")
    assert [each.name for each in folder.listed()] == ["CA Penyedia Dua"]


def test_one_of_several_in_a_file_is_let_go_alone(tmp_path: Path) -> None:
    (tmp_path / "both.pem").write_text(certificates.certificates_to_pem(ONE, OTHER))
    (tmp_path / "damaged.pem").write_text("not a certificate")
    folder = ProviderFolder(tmp_path)
    folder.remove(certificates.fingerprint(ONE))
    assert [each.name for each in folder.listed()] == ["CA Penyedia Dua"]


@pytest.mark.parametrize("content", [b"", b"letter", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"x" * 2_000_000])
def test_what_is_no_certificate_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match=r"trust\.not_a_certificate"):
        ProviderFolder(tmp_path).add(content)
    assert not list(tmp_path.iterdir())
