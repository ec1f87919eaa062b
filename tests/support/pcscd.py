"""The PC/SC service with its virtual reader (vsmartcard-vpcd), for tests that put a card on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from support.performed import DEMOS
from support.standstill import StandstillError, wait_until

from drivers.pcsc import reader as resource_manager
from drivers.simulators.sam import SamCard
from drivers.simulators.vpcd import CardSlot, KtpElCard
from fieldkit.ports.devices import SdkMissingError

READER, SAM_SLOT = "Virtual PCD 00 00", "Virtual PCD 00 01"
PORT = 35963
_LOOPBACK_ONLY = Path(__file__).parents[2] / "packaging" / "loopback_only.c"
_TRIES = 400
_PATIENCE = 200  # s that a demo is waited for, less than a test may take


def own_service() -> Iterator[Service]:
    """Yield a service that the test may stop and start; skip with the reason when one runs that is not ours."""
    if shutil.which("pcscd") is None or os.getuid() != 0:
        pytest.skip("pcscd is not installed or this is not root")
    with _alone():
        if _runs():
            pytest.skip("a PC/SC service that is not ours runs here")
        service = Service()
        try:
            service.start()
            yield service
        finally:
            service.stop()


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process of the tests has a card or a service: there is one of either."""
    import fcntl  # of POSIX, as pcscd

    with Path(__file__).open("rb") as file, DEMOS.open("rb") as demos:
        fcntl.flock(file, fcntl.LOCK_EX)
        for _ in range(_PATIENCE):
            try:
                fcntl.flock(demos, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(1)
            else:
                break
        else:
            pytest.skip("a demo of another worker has the card reader")
        yield


class Service:
    """`pcscd` in the foreground; where there is a C compiler nobody outside this machine reaches its virtual reader."""

    def __init__(self) -> None:
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait for its virtual reader; skip when none comes."""
        with tempfile.TemporaryDirectory(prefix="pcscd-") as folder:
            service = subprocess.Popen(
                ["pcscd", "--foreground"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_on_loopback(Path(folder))},
            )
            self._running = service
            with suppress(StandstillError):
                wait_until(lambda: READER in _readers() or service.poll() is not None, service.pid, every_s=0.05)
            if READER not in _readers():
                pytest.skip("pcscd gives no virtual reader (vsmartcard-vpcd)")

    def stop(self) -> None:
        """End it."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait()
        self._running = None


def _on_loopback(folder: Path) -> dict[str, str]:
    library, compiler = folder / "loopback_only.so", shutil.which("cc")
    if compiler is None:
        return {}
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, _LOOPBACK_ONLY, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


def listening_at(port: int) -> set[str]:
    """Return the addresses, as the kernel writes them, at which somebody listens on a port of IPv4."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    places = (row[1].split(":") for row in rows if row[3] == "0A")
    return {address for address, number in places if int(number, 16) == port}


def virtual_reader() -> Iterator[str]:
    """Yield the reader of the service that runs, or of one of our own; skip with the reason when neither can be."""
    with _alone():
        if READER in _readers():
            yield READER
            return
        if shutil.which("pcscd") is None or os.getuid() != 0:
            pytest.skip("pcscd is not installed or this is not root")
        if _readers():
            pytest.skip("pcscd runs without a virtual reader (vsmartcard-vpcd)")
        service = Service()
        try:
            service.start()
            yield READER
        finally:
            service.stop()


def lay_on(slot: CardSlot, card: KtpElCard | SamCard) -> None:
    """Put a card on a slot, once the service looks at it."""
    for _ in range(_TRIES):
        if slot.insert(card):
            return
        time.sleep(0.05)
    raise AssertionError("the service takes no card")


def wait_until_empty(reader: str = READER) -> None:
    """Wait for the service to notice a pulled card; until then it would show the old one to the next test."""
    _wait_for(reader, resource_manager.scard().SCARD_STATE_EMPTY)


def wait_until_present(reader: str) -> None:
    """Wait for the service to notice a card; it looks only now and then."""
    _wait_for(reader, resource_manager.scard().SCARD_STATE_PRESENT)


def _wait_for(reader: str, state: int) -> None:
    binding = resource_manager.scard()
    with resource_manager.context() as handle:
        for _ in range(_TRIES):
            _, states = binding.SCardGetStatusChange(handle, 0, [(reader, binding.SCARD_STATE_UNAWARE)])
            if states[0][1] & state:
                return
            time.sleep(0.05)
    raise AssertionError(f"{reader} does not come to state {state:#x}")


def _runs() -> bool:
    try:
        resource_manager.readers()
    except SdkMissingError:
        return False
    return True


def _readers() -> list[str]:
    try:
        return resource_manager.readers()
    except SdkMissingError:
        return []
