"""An enrolment that dies at any of its fsyncs and renames: the same slip, asked for again, makes a whole kit."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.homes import ADMIN, FAST, Nobody, Office, new, open_office, opened
from support.killed import calls_of, killed_at_each, spread

from fieldkit.app.bootstrap.enrolment import Slip, enrol_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import KnownError

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")

_ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
_CHILD = """
import sys
from pathlib import Path
from support.homes import ADMIN, FAST, new
from fieldkit.app.bootstrap import enrolment
from fieldkit.app.bootstrap.home import Home
home, url, code, fingerprint, plan = sys.argv[1:]
if plan == "slots first":
    make_store, make_slots = enrolment._make_store, enrolment._make_slots
    enrolment._make_store = lambda *_: None
    def slots_then_store(home, settings, db_key, admin, *rest):
        make_slots(home, settings, db_key, admin, *rest)
        make_store(home, settings, db_key, admin.user)
    enrolment._make_slots = slots_then_store
enrolment.enrol_kit(Home(Path(home)), enrolment.Slip(url, code, fingerprint), new(ADMIN), FAST)
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("office") / "gateway") as made:
        yield made


def command(home: Path, slip: Slip, plan: str) -> list[str]:
    return [sys.executable, "-c", _CHILD, str(home), slip.url, slip.code, slip.ca_fingerprint, plan]


def failed(office: Office, folder: Path, ns: Sequence[int], calls: Sequence[str], plan: str = "") -> list[str]:
    """Kill an enrolment at each place, ask again with the same slip; return where no whole kit came of it."""
    slips = {n: office.slip() for n in ns}
    faults = []
    for death in killed_at_each(lambda n: command(folder / str(n), slips[n], plan), calls, ns, _ENV):
        home = Home(folder / str(death.n))
        try:
            settings = enrol_kit(home, slips[death.n], new(ADMIN), FAST)
        except KnownError as error:
            if death.is_dead or error.code != "kit.already_enrolled":
                faults.append(f"{death.call}: {error.code}")
            continue
        with opened(home, ADMIN) as desk:
            assert desk.kit_id == settings.kit_id
            if desk.delivery.send(Nobody(), Nobody()).stopped_by is not None:
                faults.append(f"{death.call}: not let in")
        assert not list(home.path.glob("*pending*")), death.call
    return faults


def sweep(office: Office, folder: Path, some: int, plan: str = "", first: float = 0.0) -> list[str]:
    """Kill at so many places from `first` of the way on; return the faults."""
    calls = calls_of(command(folder / "quiet", office.slip(), plan), env=_ENV)
    assert len(calls) > 30
    before = int(len(calls) * first)
    return failed(office, folder, [before + n for n in spread(len(calls) - before, some)], calls, plan)


def test_an_enrolment_that_dies_can_be_done_again(office: Office, tmp_path: Path) -> None:
    assert sweep(office, tmp_path, 5) == []


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_an_enrolment_that_dies_anywhere_can_be_done_again(office: Office, tmp_path: Path) -> None:
    assert sweep(office, tmp_path, 1000) == []


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_the_kills_catch_an_enrolment_that_ends_before_it_is_whole(office: Office, tmp_path: Path) -> None:
    assert sweep(office, tmp_path, 8, "slots first", 0.5) != []
