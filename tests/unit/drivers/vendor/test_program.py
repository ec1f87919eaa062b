from __future__ import annotations

from pathlib import Path

import pytest
from support.standstill import wait_until

from drivers.transport import Deadline
from drivers.vendor import program as module
from drivers.vendor.program import VendorProgram
from fieldkit.ports.devices import NothingPresentedError, ProtocolError, SdkMissingError, TransportBrokenError


def test_it_is_asked_and_answers(program, flag):
    adapter = program("""
        request = asked()
        say(request["number"], frame="x")
        say(request["number"], done=request["device"])
        asked()
    """)
    number = adapter.send("open", device="S1")
    assert adapter.receive(number, Deadline(120), flag())["frame"] == "x"
    assert adapter.receive(number, Deadline(120), flag())["done"] == "S1"
    assert adapter.receive(number, Deadline(0), flag()) is None
    assert adapter.is_alive


def test_answers_of_requests_given_up_are_forgotten(program, flag):
    adapter = program("""
        first, stop, second = asked(), asked(), asked()
        say(first["number"], error="stopped")
        say(second["number"], done=stop["do"] + str(stop["number"] == first["number"]))
        asked()
    """)
    number = adapter.send("capture")
    with pytest.raises(NothingPresentedError) as caught:
        adapter.receive(number, Deadline(120), flag(after=0))
    assert caught.value.code == "device.cancelled"
    adapter.stop(number)
    assert adapter.receive(adapter.send("list"), Deadline(120), flag())["done"] == "stopTrue"


def test_whether_it_has_left_what_was_given_up_is_known(program, flag):
    adapter = program("""
        number = asked()["number"]
        assert asked()["do"] == "stop"
        say(number, frame="late")
        if asked()["do"] == "go":
            say(number, error="stopped")
        asked()
    """)
    assert adapter.has_left(Deadline(0), flag())
    number = adapter.send("capture")
    adapter.stop(number)
    assert not adapter.has_left(Deadline(0.1), flag())
    adapter.send("go")
    assert adapter.has_left(Deadline(120), flag())


@pytest.mark.parametrize("command", [("/does/not/exist",), ("/",), ("a\0b",)])
def test_a_command_that_cannot_run_is_named(command):
    with pytest.raises(SdkMissingError) as caught:
        VendorProgram("acme", command)
    assert caught.value.code == "device.vendor.not_started"
    assert caught.value.problem.params["reason"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("sys.stderr.write('cannot load libacme.so\\n'); sys.exit(3)", "exit 3: cannot load libacme.so"),
        ("os.abort()", "SIGABRT"),
        ('sys.stdout.write(\'{"number": 1, "images": [{"pixels": "AAAA\'); sys.stdout.flush(); os._exit(0)', "exit 0"),
    ],
    ids=["ended", "crashed", "in the middle of a picture"],
)
def test_how_it_died_is_said(program, flag, script, reason):
    adapter = program(script)
    with pytest.raises(TransportBrokenError) as caught:
        adapter.receive(1, Deadline(120), flag())
    assert caught.value.code == "device.vendor.died"
    assert caught.value.problem.params == {"name": "acme", "reason": reason}
    assert not adapter.is_alive
    with pytest.raises(TransportBrokenError):
        adapter.send("list")


def test_noise_before_or_between_messages_is_refused(program, flag):
    adapter = program(
        "asked()", head="print('ACME SDK 4.2', flush=True)\nimport sys\ndef asked(): sys.stdin.readline()\n"
    )
    with pytest.raises(ProtocolError) as caught:
        adapter.receive(1, Deadline(120), flag())
    assert caught.value.problem.params["reason"] == "ACME SDK 4.2"


def test_a_line_without_end_is_refused_before_it_fills_the_memory(program, flag, monkeypatch):
    monkeypatch.setattr(module, "MAX_LINE_BYTES", 100_000)
    adapter = program("""
        while True:
            sys.stdout.write("x" * 10_000)
    """)
    with pytest.raises(ProtocolError) as caught:
        adapter.receive(1, Deadline(120), flag())
    assert "100000" in caught.value.problem.params["reason"]


def test_closing_ends_one_that_does_not_listen_and_what_it_started(program, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "STOP_S", 0.1)
    told = tmp_path / "child"
    adapter = program(f"""
        import subprocess
        child = subprocess.Popen(["sleep", "600"])
        open({str(told)!r}, "w").write(str(child.pid))
        time.sleep(600)
    """)
    wait_until(lambda: told.exists() and told.read_text())
    adapter.close()
    adapter.close()
    assert not adapter.is_alive
    wait_until(lambda: not _runs(told.read_text()))


def _runs(pid: str) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().split()[2] not in "ZX"


def test_a_flood_waits_in_the_adapter(program, flag):
    adapter = program("""
        number = asked()["number"]
        for count in range(400):
            say(number, frame="x" * 1000, count=count)
        asked()
    """)
    number = adapter.send("preview")
    for count in range(400):
        assert adapter.receive(number, Deadline(120), flag())["count"] == count
