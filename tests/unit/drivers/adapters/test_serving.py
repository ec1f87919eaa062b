from __future__ import annotations

import sys

import pytest

from drivers.transport import Deadline
from drivers.vendor.host import VendorProgram

SCRIPT = """
import ctypes, time
from drivers.adapters.serving import RefusedError, grey, serve

class Playing:
    def devices(self):
        print("a library that prints")
        ctypes.CDLL(None).puts(b"and one in C")
        return [{"id": "1"}]
    def open(self, device):
        if device != "1":
            raise RefusedError("absent", device)
    def close(self, device):
        pass
    def preview(self, request, show, is_left):
        show(b"jpeg")
        while not is_left():
            time.sleep(0.005)
    def capture(self, request, show, is_left):
        show(grey(1, 2, b"ab"))
        return [{"position": p} for p in request["positions"]]

serve(Playing())
"""


@pytest.fixture
def adapter():
    running = VendorProgram("acme", (sys.executable, "-c", SCRIPT))
    yield running
    running.close()


def test_a_short_program_speaks_the_protocol_whatever_its_library_prints(adapter, flag):
    def answer(do: str, **fields: object) -> dict[str, object]:
        return adapter.receive(adapter.send(do, **fields), Deadline(120), flag())

    assert answer("list")["devices"] == [{"id": "1"}]
    assert answer("open", device="1")["done"] is True
    assert answer("open", device="2") == {"number": 3, "error": "absent", "reason": "2"}
    assert answer("dance")["error"] == "failed"
    number = adapter.send("preview", positions=[])
    assert adapter.receive(number, Deadline(120), flag())["frame"] == "anBlZw=="
    adapter.stop(number)
    assert adapter.receive(number, Deadline(120), flag())["error"] == "stopped"
    number = adapter.send("capture", positions=["RIGHT_INDEX"])
    assert adapter.receive(number, Deadline(120), flag())["frame"] == {"width": 1, "height": 2, "pixels": "YWI="}
    assert adapter.receive(number, Deadline(120), flag())["images"] == [{"position": "RIGHT_INDEX"}]
    assert answer("close", device="1")["done"] is True
