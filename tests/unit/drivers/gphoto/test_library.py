"""The real library against its own virtual PTP camera, in another process: VCAMERADIR counts before the import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.gphoto.library import is_installed

pytest.importorskip("gphoto2", reason="the extra dslr is not installed")

SCRIPT = """
import json, shutil, sys
from pathlib import Path
from drivers.gphoto import library
from fieldkit.ports.devices import DeviceError

card = Path(sys.argv[1])
told = {"cameras": library.connected()}
camera = library.PtpCamera("usb:001,001")

def code(call):
    try:
        call()
    except DeviceError as error:
        return [type(error).__name__, error.code]
    return None

told["shot before open"] = code(camera.shoot)
camera.connect()
camera.connect()
told["viewfinder"] = camera.preview()
photo, is_deleted = camera.shoot()
told["is the card's"] = photo == (card / "FACE.JPG").read_bytes()
told["is deleted"] = is_deleted
(card / "FACE.JPG").write_bytes(b"II*\\0" + photo[4:])
told["raw"] = code(camera.shoot)
library.MAX_PHOTO_BYTES = 4
told["too big"] = code(camera.shoot)
camera.connect()
library.MAX_PHOTO_BYTES = 1 << 20
(card / "FACE.JPG").write_bytes(photo)
shutil.rmtree(card)
told["pulled out"] = code(camera.shoot)
told["dropped"] = code(camera.shoot)
camera.leave()
camera.leave()
told["elsewhere"] = code(library.PtpCamera("usb:009,009").connect)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> dict:
    card = tmp_path_factory.mktemp("card")
    (card / "FACE.JPG").write_bytes(b"\xff\xd8\xff\xe0" + bytes(5000) + b"\xff\xd9")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(card)],
        env={**os.environ, "VCAMERADIR": str(card), "PYTHONPATH": str(Path(__file__).parents[4])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_extra_is_seen():
    assert is_installed()


def test_a_camera_is_found_and_shoots(told):
    assert told["cameras"] == [["Nikon DSC D750", "usb:001,001"]]
    assert told["shot before open"] == ["NotConnectedError", "device.not_connected"]
    assert told["viewfinder"] is None  # this camera offers none
    assert told["is the card's"]
    assert told["is deleted"]


def test_what_is_no_jpeg_or_too_big_is_refused(told):
    assert told["raw"] == ["ProtocolError", "device.photo_not_jpeg"]
    assert told["too big"] == ["ProtocolError", "device.stream_too_big"]


def test_a_camera_that_was_pulled_out_is_broken_and_then_gone(told):
    assert told["pulled out"] == ["TransportBrokenError", "device.transport_broken"]
    assert told["dropped"] == ["NotConnectedError", "device.not_connected"]
    assert told["elsewhere"] == ["NotConnectedError", "device.not_connected"]
