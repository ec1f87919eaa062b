"""What every test gets: no window, no silent warning, nothing left open."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import is_hypothesis_test, settings
from hypothesis.internal.conjecture import providers
from pytestqt.qtbot import QtBot
from support.npm import INTEROP, PROJECT, npm_modules
from support.remembered import (
    drawing_once,
    estimate_prints,
    growing_once,
    making_some,
    meeting_once,
    remember,
    seeing_once,
)
from support.services import postgres, postgres_url, s3_endpoint, s3_url
from support.templates import copying, copying_gateway
from support.tokens import softhsm, token
from support.tries import IS_LONG, tries

from drivers.simulators import stage
from drivers.simulators.subject import SyntheticSubject
from fieldkit.documents.letters import TypstLetters
from fieldkit.formats import images
from fieldkit.quality import iris
from fieldkit.quality.face_networks import FaceFinder
from fieldkit.storage import store
from fieldkit.vault import age_code, certificates, locked_file, passphrases
from sync.gateway import database
from ui.runtime.process import import_plainly

pytest_plugins = ("support.forked_workers", "support.only_posix")
__all__ = ["postgres", "postgres_url", "s3_endpoint", "s3_url", "softhsm", "token"]

_LONGEST_ID = 40
_GROWN = {name: growing_once(getattr(SyntheticSubject, name)) for name in ("_grow_skin", "_grow_eye", "_draw_portrait")}
_MET = meeting_once(stage._meet)
_DRAWN = drawing_once(TypstLetters._compile)
_RSA_KEYS = making_some(rsa.generate_private_key)
_SEEN = {
    (place, name): seeing_once(getattr(place, name))
    for place, name in ((iris, "find_eyes"), (FaceFinder, "find"), (images, "_encode"), (images, "_decode"))
}
_ROUNDS, _ROUND_S = 40, 0.05  # only where something is open: a leak stays open through all of them
_SLOWEST_FIRST = (
    "e2e/test_outreach.py",
    "e2e/test_disaster.py",
    "e2e/test_demo.py",
    "ui/test_gallery.py",
    "ui/test_double_press.py",
    "ui/test_office_screens.py",
    "integration/sync/test_lying_gateway.py",
    "e2e",
    "faults",
    "conformance/test_biometric_capture.py",
    "integration",
    "ui",
    "conformance",
    "unit/drivers/simulators",
    "unit/fieldkit/matching",
    "unit/fieldkit/quality",
    "unit/fieldkit/services/exchange",
    # They take turns at the one card reader, which the demo holds at the beginning.
    "integration/drivers/test_check_card.py",
    "integration/drivers/test_opensc.py",
    "integration/drivers/test_pcsc_restart.py",
    "conformance/test_card_reader.py",
    "unit/drivers/pcsc",
)

gc.disable()  # until all is imported and every test is found: nothing of that is garbage
# As the program does: the import that Qt puts in place reads sources of modules that are only half imported.
import_plainly()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Seeded by each test itself: what fails on one machine fails on every other. The long sweeps look further each time.
settings.register_profile("seeded", derandomize=not IS_LONG, max_examples=tries(100), deadline=None)
settings.load_profile("seeded")
# Nor by the constants in all files that happen to be imported: a test would try other examples alone than among all,
# and each worker spent 2 s on looking for them.
providers._get_local_constants = lambda: providers._local_constants
# A busy machine is no defect of a screen: what comes at all comes within this time.
for _wait in (QtBot.waitUntil, QtBot.waitSignal):
    _wait.__kwdefaults__ = {**(_wait.__kwdefaults__ or {}), "timeout": 240_000}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files and folders that last longest, so that all workers are busy until the end.

    A property whose examples are all tried is a long sweep.
    """
    if IS_LONG:
        for item in items:
            if is_hypothesis_test(getattr(item, "obj", None)):
                item.add_marker(pytest.mark.faults)
    places = {str(PROJECT / "tests" / folder): at for at, folder in enumerate(_SLOWEST_FIRST)}

    @cache
    def place(path: Path) -> int:
        nearest = max((folder for folder in places if str(path).startswith(folder)), key=len, default="")
        return places.get(nearest, len(places))

    items.sort(key=lambda item: place(item.path))


def pytest_collection_finish() -> None:
    """Set aside what was imported, unlooked at: the collector need not walk over it again after each few tests.

    Nor over what a test builds to use: a data center's application alone makes it look thirty times.
    """
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes and long texts by their argument: keys are fresh in each process, and all workers need one name."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > _LONGEST_ID) else None


class _Kept(logging.Handler):
    """Keeps the records of a test."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def _no_unexpected_logs(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that logs a warning, unless it looks at the log itself (caplog) or is marked `allow_logs`."""
    if "caplog" in request.fixturenames or request.node.get_closest_marker("allow_logs"):
        yield
        return
    kept = _Kept()
    logging.getLogger().addHandler(kept)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(kept)
    if kept.records:
        lines = (f"{record.levelname} {record.name}: {record.getMessage()}" for record in kept.records)
        pytest.fail("unexpected log:\n" + "\n".join(lines), pytrace=False)


def _open_files(folder: Path) -> set[str]:
    """Return which files below a folder this process has open; nothing where the system does not tell."""
    found = set()
    for descriptor in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):  # what listed the folder is closed by now
            found.add(str(descriptor.readlink()))
    return {path for path in found if path.startswith(f"{folder}/")}


@pytest.fixture(autouse=True, scope="session")
def _temporary_files_go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let everything temporary, also of child processes, lie where pytest tidies up after a run that passed."""
    folder = str(tmp_path_factory.mktemp("temporary"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(autouse=True, scope="module")
def _no_file_stays_open(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail a module that leaves stores or other files open; the folder in a path names the test."""
    folder = tmp_path_factory.getbasetemp().resolve()
    before = _open_files(folder)
    yield
    left = _open_files(folder) - before
    for turn in range(1, _ROUNDS):
        if not left:
            break
        gc.collect(min(turn, 2))  # what only a cycle holds is no leak; most are young
        time.sleep(_ROUND_S)  # nor is what an executor that was told to end still holds
        left = _open_files(folder) - before
    if left:
        pytest.fail("left open:\n" + "\n".join(sorted(left)), pytrace=False)


@pytest.fixture(autouse=True, scope="module")
def _stores_are_copied() -> Iterator[None]:
    """Make the tables of a store once for each key; tests of the storage itself make theirs anew.

    What SQLAlchemy compiled for one store serves the next: each test opens its own and asks it the same things.
    """
    with pytest.MonkeyPatch.context() as patch:
        remember(patch)
        patch.setattr(store, "_create", copying(store._create))
        patch.setattr(database, "bring_up", copying_gateway(database.bring_up))
        yield


@pytest.fixture(autouse=True, scope="module")
def _papers_are_drawn_once() -> Iterator[None]:
    """Draw a letter once for the same fields; tests of the letters themselves draw all of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TypstLetters, "_compile", _DRAWN)
        yield


@pytest.fixture(autouse=True, scope="module")
def _people_are_grown_once() -> Iterator[None]:
    """Grow the fingers, eyes and face of a seed once; tests of the synthetic people themselves grow all of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        for name, again in _GROWN.items():
            patch.setattr(SyntheticSubject, name, again)
        patch.setattr(stage, "_meet", _MET)
        yield


@pytest.fixture(autouse=True, scope="module")
def _pictures_are_judged_once() -> Iterator[None]:
    """Look for eyes and faces and pack pixels once for the same picture; tests of these themselves do all of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        for (place, name), again in _SEEN.items():
            patch.setattr(place, name, again)
        yield


@pytest.fixture(autouse=True, scope="module")
def _prints_are_estimated() -> Iterator[None]:
    """Tests of NFIQ 2, and the demo as a command, have it."""
    with pytest.MonkeyPatch.context() as patch:
        estimate_prints(patch)
        yield


@pytest.fixture(autouse=True, scope="module")
def _secrets_are_soft() -> Iterator[None]:
    """Let PINs, passphrases, codes and simulated keys cost nothing; tests of the vault itself keep what they cost."""
    soft, new_kdf = passphrases.Hardness(64, 1, 1), passphrases.new_kdf
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passphrases, "_PIN_HARDNESS", soft)
        patch.setattr(rsa, "generate_private_key", _RSA_KEYS)
        for module in (passphrases, locked_file):
            patch.setattr(module, "new_kdf", lambda _hardness: new_kdf(soft))
        for stretches in (age_code.encrypt, certificates.close_by_passphrase):
            patch.setattr(stretches, "__defaults__", (4,))
        yield


NodeAge = Callable[..., bytes]


@pytest.fixture(scope="session")
def node_age() -> NodeAge:
    """Run the npm implementation of age; AGE_NPM_DIR names a folder where it is installed already."""
    folder = npm_modules("age-encryption", INTEROP, "AGE_NPM_DIR")
    script = folder / "age.mjs"
    shutil.copyfile(INTEROP / script.name, script)

    def run(*arguments: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(["node", script, *arguments], input=stdin, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout

    return run
