"""A change of the store's key that dies at any of its fsyncs and renames: everybody signs in all the same."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.homes import ADMIN, Office, open_office, opened, record
from support.killed import calls_of, killed_at_each, spread
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import KnownError
from fieldkit.vault.keyslots import KeySlotFile

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not here")

_ENV = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
_CHILD = """
import sys
from pathlib import Path
from support.homes import ADMIN, PASSPHRASE
from fieldkit.app.bootstrap import store_key
from fieldkit.app.bootstrap.home import Home
from fieldkit.vault.keyslots import KeySlotFile
home, plan = sys.argv[1:]
if plan == "store first":
    begin, end, held = KeySlotFile.begin_new_key, store_key._end, []
    KeySlotFile.begin_new_key = lambda *asked: held.append(asked)
    def begin_and_end(*asked):
        begin(*held.pop())
        end(*asked)
    store_key._end = begin_and_end
store_key.rotate_key(Home(Path(home)), ADMIN.user_id, PASSPHRASE)
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("office") / "gateway") as made:
        yield made


def sweep(office: Office, folder: Path, some: int, plan: str = "") -> list[str]:
    """Kill a change at so many places; return after which of them somebody does not come in, or a record is missing."""
    kit = office.kit(folder / "kit", PETUGAS)
    with opened(kit) as desk:
        record(desk)

    def command(n: int) -> list[str]:
        shutil.copytree(kit.path, folder / str(n))
        return [sys.executable, "-c", _CHILD, str(folder / str(n)), plan]

    calls = calls_of(command(0), env=_ENV)
    assert len(calls) > 20
    faults = []
    for death in killed_at_each(command, calls, spread(len(calls), some), _ENV):
        home = Home(folder / str(death.n))
        try:
            for user in (PETUGAS, ADMIN):
                with opened(home, user) as desk:
                    assert desk.delivery.queue().sealed == 1, death.call
                    assert desk.to_tell == [], death.call  # a store that was replaced would be told
                    assert desk.audit.verify()[1] is None, death.call
            assert not KeySlotFile.open(home.slots).is_changing, death.call
            assert not list(home.path.glob("kit.db.next")), death.call
        except (KnownError, AssertionError) as error:
            faults.append(f"{death.call}: {error}")
        shutil.rmtree(home.path)
    return faults


def test_a_change_of_the_key_that_dies_keeps_nobody_out(office: Office, tmp_path: Path) -> None:
    assert sweep(office, tmp_path, 5) == []


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_a_change_of_the_key_that_dies_anywhere_keeps_nobody_out(office: Office, tmp_path: Path) -> None:
    assert sweep(office, tmp_path, 1000) == []


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.allow_logs
def test_the_kills_catch_a_store_that_is_changed_before_its_slots(office: Office, tmp_path: Path) -> None:
    assert sweep(office, tmp_path, 20, "store first") != []
