"""The world around the demo kit: a data center as a process, simulated devices as a process, a line that breaks."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from importlib.metadata import entry_points
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from drivers.registry import GROUP
from drivers.simulators.vpcd import READER
from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.devices import Addresses
from fieldkit.app.demo.clock import DemoClock, tell_by_file
from fieldkit.app.demo.flaky_link import FlakyLink
from fieldkit.domain.errors import KnownError
from fieldkit.ports.clock import Clock
from fieldkit.storage.home_lock import HomeLock
from sync.gateway import provision

_START_S = 30.0
DINAS = {
    "dinas": "Dinas Kependudukan dan Pencatatan Sipil (demo)",
    "regency": "Kabupaten Blitar (demo)",
    "address": "Jalan Contoh Nomor 1",
    "zone": "WIB",
    "retention_days": "30",
}


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Hold a demo's folder. Raise `StoreError("store.in_use")` while another demo works there.

    The kit's own lock comes too late: devices and data center of the other would be replaced by then.
    """
    out.mkdir(parents=True, exist_ok=True)
    lock = HomeLock(out / ".fieldkit-demo.lock")
    try:
        yield
    finally:
        lock.release()


class DataCenter:
    """A gateway process on loopback TLS, and the link through which the kit reaches it."""

    def __init__(self, folder: Path, clock: DemoClock | None = None, dinas: Mapping[str, str] = DINAS) -> None:
        """`clock` is the one that it goes by, None the machine's."""
        self.folder = folder
        if not (folder / "gateway.json").exists():
            provision.init(folder, dinas, ["127.0.0.1", "localhost"], clock or SystemClock(WIB), "trial")
        self._serve = ["fieldkit", "gateway", "serve", "--end-with-stdin"]
        if clock is not None:
            told = folder / "demo-clock"
            clock.follow(tell_by_file(told))
            self._serve = ["fieldkit.app.demo.data_center", "--clock", str(told)]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self, port: int = 0) -> None:
        """Start and wait until it says where it listens. Raise `KnownError("demo.gateway")`."""
        command = [sys.executable, "-m", *self._serve, "--dir", str(self.folder), "--port", str(port)]
        # Its standard input is ours: when this program dies, however it dies, the data center ends too.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self.url = next((word for word in line.split() if word.startswith("https://")), "").rstrip(".")
        if not self.url:
            self.stop()
            raise KnownError("demo.gateway")

    def stop(self) -> None:
        """Stop the process."""
        if self._process is not None:
            _end(self._process)
            self._process = None


class Devices:
    """The simulated kit as a process; `say` moves it."""

    def __init__(
        self, ports_file: Path, seed: int, subjects: Path | None = None, clock: DemoClock | None = None
    ) -> None:
        self._file, self._clock = ports_file, clock
        self._file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "drivers.simulators", "--ports-file", str(ports_file), "--seed", str(seed)]
        if subjects is not None:
            command += ["--subjects", str(subjects)]
        if clock is not None:  # from the start, because their keys are certified then
            command += ["--ahead", str(clock.ahead.total_seconds())]
        # In a session of its own: Ctrl-C is for the window, which ends the devices when it has closed.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        self._known: dict[str, object] = {}
        self._line: socket.socket | None = None

    def wait(self) -> None:
        """Wait until the devices are there. Raise `KnownError("demo.devices")`."""
        deadline = time.monotonic() + _START_S
        while not self._file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise KnownError("demo.devices")
            time.sleep(0.02)
        self._known = json.loads(self._file.read_text("utf-8"))
        self._line = socket.create_connection(("127.0.0.1", int(str(self._known["control"]))))
        if self._clock is not None:
            self._clock.follow(self._set_clock)

    @property
    def trust(self) -> Path:
        """Return the CA (PEM) of the provider of the simulated devices."""
        return Path(str(self._known["trust"]))

    @property
    def addresses(self) -> Addresses:
        """Return where the drivers find the devices; they look nowhere else: a demo moves no real hardware."""
        urls = self._known["sbi"]
        assert isinstance(urls, list)
        given = {
            "sbi": tuple(str(url) for url in urls),
            "opencv": (str(self._known["camera"]),),
            "topaz": (f"{self._known['topaz']}#siglite-1x5",),
            "pcsc": (READER,),
        }
        everywhere = frozenset(address for addresses in given.values() for address in addresses)
        drivers = frozenset(entry.name for entry in entry_points(group=GROUP))
        return Addresses(given, drivers | frozenset(given), everywhere)

    def say(self, *words: str) -> str:
        """Send a line and return the answer. Raise `KnownError("demo.devices")` when it is an error."""
        assert self._line is not None
        self._line.sendall((" ".join(words) + "\n").encode())
        answer = b""
        while not answer.endswith(b"\n"):
            part = self._line.recv(4096)
            if not part:
                raise KnownError("demo.devices")
            answer += part
        if not answer.startswith(b"ok"):
            raise KnownError("demo.devices_refused", answer=answer.decode().strip())
        return answer.decode()[2:].strip()

    def _set_clock(self, ahead: timedelta) -> None:
        self.say("clock", str(ahead.total_seconds()))

    def stop(self) -> None:
        """End the process."""
        if self._line is not None:
            self._line.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        _end(self._process)


class World:
    """Data center, line and devices while the context is open, on the machine's clock or on that of a scripted day."""

    def __init__(
        self,
        out: Path,
        seed: int,
        subjects: Path | None = None,
        clock: DemoClock | None = None,
        dinas: Mapping[str, str] = DINAS,
    ) -> None:
        """`dinas` is the profile of the office that works there."""
        self._out, self._seed, self._subjects, self._clock, self._dinas = out, seed, subjects, clock, dinas
        self.clock: Clock = clock or SystemClock(WIB)
        self._open = ExitStack()

    def __enter__(self) -> World:
        with ExitStack() as stack:
            self._out.mkdir(parents=True, exist_ok=True)
            self.devices = Devices(self._out / "devices.json", self._seed, self._subjects, self._clock)
            stack.callback(self.devices.stop)
            self.data_center = DataCenter(self._out / "data-center", self._clock, self._dinas)
            stack.callback(self.data_center.stop)  # Ctrl-C may come while it starts
            self.data_center.start()
            where = urlsplit(self.data_center.url)
            assert where.hostname is not None
            assert where.port is not None
            # An enrolled kit knows one address: the line keeps its port from run to run.
            known = self._out / "link-port"
            port = int(known.read_text("ascii")) if known.exists() else 0
            self.link = stack.enter_context(FlakyLink(where.hostname, where.port, port))
            known.write_text(str(self.link.port), "ascii")
            self.devices.wait()
            self._open = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def url(self) -> str:
        """Return the data center's address as the kit knows it: behind the line that breaks."""
        return f"https://127.0.0.1:{self.link.port}"


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with suppress(OSError):  # it ended before
            process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def present_words(who: str, background: str, marks: Sequence[str]) -> tuple[str, ...]:
    """Return the line that puts a person in front of the devices."""
    return ("present", who, background, *marks)
