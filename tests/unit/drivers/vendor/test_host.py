from __future__ import annotations

import threading
from collections import deque
from pathlib import Path

import pytest
from support.standstill import wait_until

from drivers.transport import Deadline
from drivers.vendor import host as module
from drivers.vendor.host import AGAIN_AFTER_S, SILENT_S, VendorHost, VendorProgram
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    SdkMissingError,
    TimedOutError,
    TransportBrokenError,
)

DIED = TransportBrokenError("device.vendor.died", name="acme", reason="SIGSEGV")


class Play:
    """An adapter that a test plays; each answer is fields, None for silence, or an error to raise."""

    def __init__(self, *answers: object) -> None:
        self.answers = deque(answers)
        self.now = 100.0
        self.starts = self.closed = 0
        self.sent: list[str] = []
        self.is_free = True

    def start(self, name: str, command: object) -> Play:
        self.starts += 1
        if isinstance(self.answers[0], SdkMissingError):
            raise self.answers.popleft()
        return self

    def send(self, do: str, **fields: object) -> int:
        self.sent.append(do)
        return len(self.sent)

    def receive(self, number: int, deadline: object, cancel: object) -> object:
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            self.now += deadline.remaining_s
        return answer

    def has_left(self, deadline: object, cancel: object) -> bool:
        return self.is_free

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def host_of():
    def build(play: Play) -> VendorHost:
        return VendorHost("acme", ("acme",), lambda: play.now, play.start)

    return build


def test_it_is_started_once_and_asked_at_each_look(host_of, scanner):
    play = Play({"devices": [scanner]}, {"devices": [scanner | {"state": "busy"}]})
    host = host_of(play)
    assert [d.state for d in host.look().devices] == [DeviceState.READY]
    assert [d.state for d in host.look().devices] == [DeviceState.BUSY]
    assert (play.starts, play.sent) == (1, ["list", "list"])


def test_a_device_that_is_pulled_out_stays_listed_as_absent(host_of, scanner):
    host = host_of(Play({"devices": [scanner]}, {"devices": []}))
    host.look()
    (gone,) = host.look().devices
    assert (gone.device_id, gone.state) == ("S1", DeviceState.ABSENT)


def test_a_slow_adapter_is_not_waited_for_in_a_scan(host_of, scanner):
    play = Play(None, None, {"devices": [scanner]})
    host = host_of(play)
    assert host.look().devices == ()
    assert host.look().devices == ()
    assert len(host.look().devices) == 1
    assert play.sent == ["list"]  # it is not asked again before it has answered


def test_a_silent_adapter_is_ended_and_started_anew_after_a_while(host_of, scanner):
    play = Play(None, None, {"devices": [scanner]})
    host = host_of(play)
    host.look()
    play.now += SILENT_S
    seen = host.look()
    assert (seen.problem.code, seen.state, play.closed) == ("device.vendor.silent", DeviceState.NOT_READY, 1)
    assert host.look() is seen  # no new start in every scan
    play.now += AGAIN_AFTER_S
    assert host.look().problem is None
    assert play.starts == 2


@pytest.mark.parametrize(
    ("fails", "state"),
    [
        (SdkMissingError("device.vendor.not_started", name="acme", reason="x"), DeviceState.SDK_MISSING),
        ({"error": "missing", "reason": "libacme"}, DeviceState.SDK_MISSING),
        ({"error": "permission"}, DeviceState.PERMISSION_DENIED),
        (DIED, DeviceState.NOT_READY),
    ],
)
def test_what_fails_is_a_state_with_its_reason(host_of, fails, state):
    seen = host_of(Play(fails)).look()
    assert seen.state is state
    assert seen.problem.code.startswith("device.vendor.")


def test_opening_starts_anew_at_once(host_of, scanner, flag):
    play = Play({"devices": [scanner]}, DIED, {"devices": [scanner]})
    host = host_of(play)
    host.look()
    with pytest.raises(TransportBrokenError), host.working(flag()) as program:
        program.receive(1, None, flag())
    assert host.look().problem == DIED.problem
    assert host.look().devices
    assert host.start(flag()).problem is None
    assert play.starts == 2


def test_a_refusal_of_the_device_leaves_the_adapter_running(host_of, scanner, flag):
    play = Play({"devices": [scanner]})
    host = host_of(play)
    host.look()
    with pytest.raises(DeviceBusyError), host.working(flag()):
        raise DeviceBusyError("device.busy", address="acme")
    assert (play.closed, host.look.__self__ is host) == (0, True)


def test_starting_waits_for_the_list_but_not_for_ever(host_of, flag):
    host = host_of(Play(*[None] * 100))
    with pytest.raises(TimedOutError) as caught:
        host.start(flag())
    assert caught.value.code == "device.vendor.silent"
    with pytest.raises(DeviceError) as caught:
        host_of(Play(None, None)).start(flag(after=0))
    assert caught.value.code == "device.cancelled"


def test_a_scan_does_not_wait_for_a_capture_and_a_second_capture_not_long(host_of, scanner, flag):
    play = Play({"devices": [scanner]})
    host = host_of(play)
    host.look()
    errors: list[DeviceError] = []

    def second() -> None:
        try:
            with host.working(flag()):
                raise AssertionError
        except DeviceError as error:
            errors.append(error)

    with host.working(flag()):
        assert host.look().devices[0].state is DeviceState.READY
        thread = threading.Thread(target=second)
        thread.start()
        while thread.is_alive():  # whenever it begins to wait
            play.now += 60
            thread.join(0.01)
    assert [error.code for error in errors] == ["device.busy"]


def test_one_that_hangs_in_what_was_given_up_is_started_anew(host_of, scanner, flag):
    play = Play({"devices": [scanner]}, {"devices": [scanner]})
    host = host_of(play)
    host.look()
    play.is_free = False
    assert host.start(flag()).problem is None
    assert (play.starts, play.closed) == (2, 1)
    with pytest.raises(TimedOutError), host.working(flag()):
        raise AssertionError
    assert play.closed == 2


def test_nothing_is_worked_with_before_it_was_opened(host_of, flag):
    with pytest.raises(NotConnectedError), host_of(Play()).working(flag()):
        raise AssertionError


def test_letting_go_never_raises_and_closing_ends_it(host_of, scanner):
    play = Play({"devices": [scanner]}, {"done": True}, None)
    host = host_of(play)
    host.let_go("S1")
    host.look()
    host.let_go("S1")
    assert play.closed == 0
    host.let_go("S1")
    assert (play.sent, play.closed) == (["list", "close", "close"], 1)
    host.close()
    assert play.closed == 1


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
