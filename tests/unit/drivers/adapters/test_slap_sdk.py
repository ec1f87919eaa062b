"""The adapter through a true shared library; the whole way to samples is in tests/conformance."""

from __future__ import annotations

import sys

import pytest

from drivers.adapters.slap_sdk import main
from drivers.simulators.slap_sdk import SlapSdk, compiler
from drivers.simulators.stage import Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.transport import Deadline
from drivers.vendor.host import VendorProgram
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.ports.devices import TransportBrokenError


@pytest.fixture(scope="module")
def sdk(tmp_path_factory):
    if compiler() is None:
        pytest.skip("no C compiler here")
    stage = Stage()
    missing = {finger: Condition.MISSING for finger in FINGERS if finger is not Position.LEFT_RING}
    stage.present(SyntheticSubject(5, conditions=missing))
    return SlapSdk(stage, tmp_path_factory.mktemp("sdk"))


def test_a_library_that_cannot_be_loaded_is_told(capfd):
    assert main(["/does/not/exist.so"]) == 1
    assert "exist.so" in capfd.readouterr().err


def test_the_library_is_driven(sdk, flag):
    adapter = VendorProgram("sdk", sdk.command)

    def last(do: str, **fields: object) -> dict[str, object]:
        number = adapter.send(do, **fields)
        while "frame" in (message := adapter.receive(number, Deadline(120), flag())):
            pass
        return message

    try:
        (told,) = last("list")["devices"]
        assert (told["id"], told["kind"], told["slaps"]) == ("SIM-SDK-0001", "fingerprint", True)
        assert last("open", device="another")["error"] == "absent"
        assert last("open", device="SIM-SDK-0001")["done"]
        assert last("open", device="SIM-SDK-0001")["done"]
        (image,) = last("capture", positions=["LEFT_RING"], timeout_ms=120_000)["images"]
        assert (image["position"], image["score"], image["ppi"]) == ("LEFT_RING", 77, 500)
        (sdk._glass / "LEFT_RING").unlink()
        assert last("capture", positions=["LEFT_RING"], timeout_ms=100)["error"] == "nothing"
        sdk.unplug()
        assert last("capture", positions=["LEFT_RING"], timeout_ms=100)["error"] == "removed"
        assert last("list")["devices"] == []
        assert last("close", device="SIM-SDK-0001")["done"]
    finally:
        adapter.close()


def test_without_its_library_it_says_which_and_ends(flag):
    adapter = VendorProgram("sdk", (sys.executable, "-m", "drivers.adapters.slap_sdk", "/no/libslap.so"))
    try:
        with pytest.raises(TransportBrokenError) as caught:
            adapter.receive(1, Deadline(120), flag())
    finally:
        adapter.close()
    assert "libslap.so" in caught.value.problem.params["reason"]
