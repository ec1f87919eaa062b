"""A stick that a stranger prepared is put in at the office and in the field: nothing outside it is touched.

No record is lost or doubled, nothing is waited for, every refusal has a sentence.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from support.homes import CLOCK, Nobody, Office, opened, record
from support.homes import office as office
from support.hostile import KINDS, NAMES, lay_randomly, outside_of, prepared, seen
from support.kept import biodata
from support.kits import Told, contents
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.rescue import rescue
from fieldkit.app.bootstrap.ways_back import HomeWaysBack
from fieldkit.domain.errors import KnownError
from sync.gateway import provision
from sync.gateway.ingest import Ingest, Ingested
from sync.gateway.tables import records
from ui.presenters.exchange.sticks import read_bundle, write_bundle
from ui.presenters.readers import files_beside, read_file

pytestmark = pytest.mark.timeout(600)  # a pipe that is waited for never ends
NIKS = ("3275010101900001", "3275010101900002")
_STICKS = 120
_HUGE = 3_000_000_000
_MEMORY = 1_500_000_000  # more than the program has, less than a huge file


@dataclass(frozen=True)
class Site:
    """An office, a kit with two sealed records, a stick, and a folder beside it that nothing may touch."""

    office: Office
    home: Home
    kit: str
    ids: list[str]
    root: Path

    @property
    def stick(self) -> Path:
        return self.root / "stick"

    @property
    def outside(self) -> Path:
        return self.root / "outside"

    def ingest(self) -> Ingested:
        gateway_context = provision.open_gateway(self.office.folder, CLOCK)
        try:
            return Ingest(gateway_context).run(self.stick)
        finally:
            gateway_context.engine.dispose()

    def at_center(self) -> Counter[str]:
        gateway_context = provision.open_gateway(self.office.folder, CLOCK)
        wanted = sa.select(records.c.record_id).where(records.c.kit == self.kit, records.c.receipt.is_not(None))
        with gateway_context.engine.connect() as connection:
            found = Counter(connection.scalars(wanted))
        gateway_context.engine.dispose()
        return found

    def sealed(self) -> dict[str, bytes]:
        return {name: content for name, content in contents(self.home.sealed).items() if name.endswith(".age")}

    def lay_record(self, number: int, folder: Path) -> str:
        """Lay one of the sealed records where it is carried."""
        folder.mkdir(parents=True, exist_ok=True)
        for end in (".age", ".manifest"):
            shutil.copy(self.home.sealed / f"{self.ids[number]}{end}", folder)
        return self.ids[number]

    def clear(self) -> None:
        shutil.rmtree(self.stick, ignore_errors=True)
        self.stick.mkdir()


@pytest.fixture(scope="module")
def site(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Site:
    root = tmp_path_factory.mktemp("site")
    home = office.kit(root / "kit", PETUGAS)
    outside_of(root)
    with opened(home) as context:
        kit = context.kit_id
        ids = [record(context, biodata(nik=nik), number).record.record_id for number, nik in enumerate(NIKS, 1)]
    return Site(office, home, kit, ids, root)


@pytest.fixture(autouse=True)
def _nothing_outside_is_touched(site: Site) -> Iterator[None]:
    site.clear()
    outside, sealed = seen(site.outside), site.sealed()
    yield
    assert seen(site.outside) == outside
    assert site.sealed() == sealed
    assert max(site.at_center().values(), default=1) == 1


def carry(site: Site) -> None:
    with opened(site.home) as context:
        context.carrying.carry(site.stick, Nobody(), Nobody())


def back_up(site: Site) -> None:
    with opened(site.home) as context:
        context.backups.make(str(site.stick), Told(), Told())


def hand_over(site: Site) -> None:
    with opened(site.home) as context:
        context.backups.hand_over(site.ids[0], str(site.stick))


def look(site: Site) -> None:
    ways = HomeWaysBack(Home(site.root / "new"))
    for found in ways.backups(str(site.stick)):
        ways.restore(found.folder, PETUGAS.user_id, "bukan ini sandinya")


def import_lists(site: Site) -> None:
    for name in ("daftar.csv", "scan.pdf", ""):
        with suppress(KnownError):
            read_file(str(site.stick / name))
    files_beside(str(site.stick), (".pdf",))


def exchange(site: Site) -> None:
    with suppress(KnownError):
        read_bundle(str(site.stick), site.kit)
    write_bundle(str(site.stick), "K01-1.tukar", b"x")


ACTS: dict[str, Callable[[Site], object]] = {
    "ingest": Site.ingest,
    "rescue": lambda site: rescue(site.home, site.stick, CLOCK),
    **{act.__name__: act for act in (carry, back_up, hand_over, look, import_lists, exchange)},
}


# --- what was found, each as it was done


@pytest.mark.parametrize("kind", ["link", "dangling"])
def test_a_receipt_at_the_office_is_written_through_no_link(site: Site, kind: str) -> None:
    record_id = site.lay_record(0, site.stick)
    for name in (f".{record_id}.receipt.new", f"{record_id}.receipt"):
        KINDS[kind](site.stick / name, site.outside)
    done = site.ingest()
    assert record_id in (*done.taken, *done.held)
    assert (site.stick / f"{record_id}.receipt").is_file()
    assert not (site.stick / f"{record_id}.receipt").is_symlink()


@pytest.mark.parametrize("act", ["rescue", "hand_over", "carry"])
def test_in_the_field_nothing_is_written_through_a_link(site: Site, act: str) -> None:
    own = site.stick / "fieldkit" / site.kit
    site.lay_record(1, site.stick)
    for folder in (own / "rescue-20200101T000000Z", own / "records", site.stick):
        folder.mkdir(parents=True, exist_ok=True)
        for record_id in site.ids:
            for end in (".age.part", ".manifest.part", ".receipt", ".receipt.part"):
                KINDS["link"](folder / f"{record_id}{end}", site.outside)
    KINDS["link"](own / "rescue-20200101T000000Z" / "rescue.json.part", site.outside)
    ACTS[act](site)


def test_a_folder_that_leads_elsewhere_takes_nothing(site: Site) -> None:
    KINDS["folder_link"](site.stick / "fieldkit", site.outside)
    for act in ("rescue", "hand_over", "back_up"):
        with pytest.raises(KnownError, match=r"stick\.failed"):
            ACTS[act](site)
    assert sorted(path.name for path in site.outside.iterdir()) == ["victim"]


@pytest.mark.parametrize("kind", ["pipe", "door", "device", "link", "folder_link"])
def test_what_is_no_file_is_named_and_nobody_waits(site: Site, kind: str) -> None:
    good = site.lay_record(0, site.stick / "good")
    backup = site.stick / "fieldkit" / site.kit / "backup-20200101T000000Z"
    backup.mkdir(parents=True)
    for place in ("x.manifest", "y.age", "y.manifest", "z.kantor", f"{backup.relative_to(site.stick)}/backup.json"):
        KINDS[kind](site.stick / place, site.outside)
    done = site.ingest()
    assert (*done.taken, *done.held) == (good,)
    assert {each.file for each in done.refused} == {"x.manifest", "y.manifest"}
    carry(site)
    with pytest.raises(KnownError, match=r"backup\.none_here"):
        look(site)
    done_again = rescue(Home(site.root / "kit"), site.stick, CLOCK)
    assert set(done_again.whole) == set(site.ids)


def test_a_huge_manifest_costs_no_memory(site: Site) -> None:
    """In a process of its own, which may have little: 3 GB took 6.4 GB."""
    dead = site.root / "dead"
    shutil.copytree(site.home.sealed, dead / "sealed", dirs_exist_ok=True)
    huge = dead / "sealed" / f"{site.ids[0]}.manifest"
    os.truncate(huge, _HUGE)
    words = ["-m", "fieldkit", "rescue", str(dead), "--out", str(site.stick), "--json"]
    done = subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
        check=False,
    )
    shutil.rmtree(dead)
    assert "MemoryError" not in done.stderr
    assert site.ids[0] in done.stdout


def test_names_reach_no_terminal(site: Site) -> None:
    names = {f"{name[:200]}.manifest" for name in NAMES}
    for name in names:
        (site.stick / name).write_bytes(b"x")
    assert {each.file for each in site.ingest().refused} == names
    done = subprocess.run(
        [sys.executable, "-m", "fieldkit", "gateway", "ingest", "--dir", site.office.folder, "--from", site.stick],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    said = (done.stdout + done.stderr).decode()
    assert "Traceback" not in said
    assert said.count("\n") == len(names) + 2
    assert all(line.isprintable() for line in said.split("\n"))


# --- sticks that nobody thought of


def mess(site: Site, seed: int) -> None:
    """Lay a random stick with a record on it, and do everything that one does with a stick."""
    chance = Random(seed)
    good = site.lay_record(chance.randrange(2), site.stick / "good")
    lay_randomly(site.stick, prepared(site.stick, site.kit, site.ids), site.outside, chance)
    outside = seen(site.outside)  # laying it may go through its own links
    for act in chance.sample(list(ACTS), len(ACTS)):
        with suppress(KnownError):
            ACTS[act](site)
        assert seen(site.outside) == outside, act
    done = site.ingest()
    assert good in (*done.taken, *done.held), "what is whole is taken, whatever lies beside it"


@pytest.mark.parametrize("seed", range(2))
def test_a_random_stick(site: Site, seed: int) -> None:
    mess(site, seed)


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_many_random_sticks(site: Site) -> None:
    for seed in range(1_000, 1_000 + _STICKS):
        site.clear()
        _reset_outside(site)
        mess(site, seed)
    _reset_outside(site)
    print(f"{_STICKS} of {_STICKS} prepared sticks, {len(ACTS)} acts each: no file outside touched, nothing waited for")


def _reset_outside(site: Site) -> None:
    shutil.rmtree(site.outside)
    outside_of(site.root)
