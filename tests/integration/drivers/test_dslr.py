"""A portrait through the whole house from the virtual PTP camera of libgphoto2; in a process of its own.

VCAMERADIR counts only before the library is imported.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from support.standstill import run_to_its_end
from support.tries import some_of

from drivers.simulators.subject import RED, SyntheticSubject
from fieldkit.formats.images import encode_jpeg

pytest.importorskip("gphoto2", reason="the extra dslr is not installed")

SCRIPT = """
import datetime as dt, json, shutil, sys
from pathlib import Path
from drivers.transport import NeverCancelled
from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.formats.face import decode_face_record
from fieldkit.ports.devices import CaptureRequest, DeviceError, DeviceKind

class Clock:
    def now(self):
        return dt.datetime.now(dt.UTC)

class Mailbox:
    def offer(self, jpeg):
        told["offered"] += 1

card, never = Path(sys.argv[1]), NeverCancelled()
told = {"offered": 0}
others = frozenset({"sbi", "opencv", "topaz", "zfm", "isdv4", "stu", "pcsc", "libfprint"})
devices = connect_devices(card, Clock(), Addresses(only_given=others), is_watching=False)
(status,) = [s for s in devices.registry.scan() if s.driver == "gphoto"]
told["state"], told["address"] = status.state, status.address
device = devices.registry.device_for(DeviceKind.CAMERA)
for _ in range(2):
    device.open(never)
    told["health"] = device.health()
    request = CaptureRequest("tx-0001", Clock().now(), Modality.FACE, (Position.PORTRAIT,), threshold=60)
    (sample,) = device.capture(request, Mailbox(), never).samples
    told["quality"], told["hints"] = sample.quality.value, sample.hints
    told["shape"] = decode_face_record(sample.data).pixels().shape
    device.close()
device.open(never)
shutil.rmtree(card)
try:
    device.capture(request, Mailbox(), never)
except DeviceError as error:
    told["pulled out"] = type(error).__name__
devices.close()
print(json.dumps(told))
"""


@pytest.mark.days
@pytest.mark.parametrize("turns", some_of([1, 0], 1), ids=["on its side", "upright"])
def test_a_portrait_from_a_ptp_camera(tmp_path: Path, turns: int) -> None:
    (tmp_path / "card").mkdir()
    portrait = np.rot90(SyntheticSubject(3).portrait(RED), turns)
    (tmp_path / "card" / "FACE.JPG").write_bytes(encode_jpeg(portrait, 92))
    done = run_to_its_end(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "card")],
        env={**os.environ, "VCAMERADIR": str(tmp_path / "card"), "PYTHONPATH": str(Path(__file__).parents[3])},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.pop("quality") >= 60
    height, width, _ = told.pop("shape")
    assert height * 3 == width * 4
    assert told == {
        "offered": 2,
        "state": "ready",
        "address": "usb:001,001",
        "health": "ready",
        "hints": [],
        "pulled out": "TransportBrokenError",
    }
