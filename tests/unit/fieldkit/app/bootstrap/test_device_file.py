from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.app.bootstrap.device_file import (
    NAME,
    DriverAddresses,
    known_drivers,
    read_device_file,
    read_vendor_commands,
)
from fieldkit.app.bootstrap.devices import addresses_of
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError

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
