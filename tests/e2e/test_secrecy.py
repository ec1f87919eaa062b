"""After the seal a thief who searches the kit's home finds no number, no name and no piece of a picture."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.day import Petugas, open_door, sign_in
from support.plain_search import RUN_BYTES, Secrets, texts_of

from fieldkit.app.bootstrap.clock import keep_log
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.demo.kit import ACTIVITY

if TYPE_CHECKING:
    from tests.e2e.conftest import Outreach

pytestmark = pytest.mark.days


@dataclass
class Day:
    """A home after a day, as it lay on the disk while the program ran and after it ended."""

    running: Path
    ended: Path
    diagnosis: Path
    secrets: Secrets


@pytest.fixture(scope="module")
def day(outreach: Outreach, tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Record one resident, with exceptions, and leave another one before the seal."""
    folder = tmp_path_factory.mktemp("day")
    home = folder / "home"
    shutil.copytree(outreach.home.path, home)
    door, log = open_door(Home(home), outreach.world.devices, outreach.residents), keep_log(home)
    try:
        petugas = Petugas(sign_in(door), outreach.residents)
        first, second, *_ = petugas.context.visits.targets(ACTIVITY)
        petugas.record(second)
        petugas.prepare(first)
        petugas.send()
        shutil.copytree(home, folder / "running")
        diagnosis = petugas.context.laptop.diagnose(str(folder))
    finally:
        door.leave()
        log.end()
    texts = texts_of([person.biodata for person in outreach.residents])
    return Day(folder / "running", home, diagnosis, Secrets(texts, [sample.data for sample in petugas.seen]))


def test_the_home_of_a_running_and_of_an_ended_kit_says_nothing(day: Day) -> None:
    assert (day.running / "kit.db-wal").is_file()
    assert sorted(path.suffix for path in (day.running / "sealed").iterdir()) == [".age", ".manifest"]
    assert len(day.secrets.pictures) > 25
    assert day.secrets.found_in(day.running) == []
    assert day.secrets.found_in(day.ended) == []


def test_the_file_for_who_helps_and_the_log_in_it_name_nobody(day: Day, tmp_path: Path) -> None:
    with zipfile.ZipFile(day.diagnosis) as whole:
        whole.extractall(tmp_path)
    assert (tmp_path / "log" / "fieldkit.jsonl").stat().st_size > 100
    assert json.loads((tmp_path / "diagnosis.json").read_text("utf-8"))["queue"]["acknowledged"] == 1
    assert day.secrets.found_in(tmp_path) == []


def test_a_leak_is_found(day: Day, tmp_path: Path) -> None:
    """The planted leaks: a number in the log, a name in a file name, a piece of a picture between random bytes."""
    picture = day.secrets.pictures[7]
    name, nik = day.secrets.texts["name 0"], day.secrets.texts["NIK 1"]
    shutil.copytree(day.ended, tmp_path / "home")
    with (tmp_path / "home" / "kit.db-wal").open("ab") as wal:
        wal.write(nik.encode("utf-16-le"))
    (tmp_path / "home" / f"{name.lower()}.pdf").touch()
    with (tmp_path / "home" / "keyslots.json").open("ab") as slots:
        slots.write(picture[30_001 : 30_001 + RUN_BYTES])
    assert sorted(day.secrets.found_in(tmp_path / "home")) == [
        "NIK 1 (utf-16-le) in kit.db-wal",
        "a piece of a picture in keyslots.json",
        f"name 0 (utf-8) in {name.lower()}.pdf",
    ]
