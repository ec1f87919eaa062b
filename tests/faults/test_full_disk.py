"""The disk of a kit is full from any write on: a sentence, nothing lost or doubled, and with room again all goes on.

A long sweep fills the disk once at each distinct place, by turns for good and for a single call. One place are all
calls of one name on one kind of file from the same lines of ours, of which the first and the last are taken: a loop
that comes by a hundred times is not tried a hundred times.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.field import Field, open_field
from support.full_days import TARGET, Petugas
from support.full_disk import Call, Filled, FillingDisk, Laid, places_of, sweep, unfinished
from support.homes import Office, Repository, open_office
from support.kit_acts import ACTS
from support.planted import PlantedBug, demand_caught
from support.room import PETUGAS
from support.sites import Site
from support.tries import some_of

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.capture import CAPTURED_AT
from fieldkit.storage.reserve import RESERVE_BYTES
from fieldkit.storage.salvage import DamageNote
from sync.gateway import provision
from sync.gateway.tables import manifests, records


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    # A sweep enrols a kit for each place, faster than a person ever does.
    with open_office(tmp_path_factory.mktemp("office") / "gateway", address_enrolments_a_minute=1_000_000) as made:
        yield made


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with open_field(tmp_path_factory.mktemp("acts")) as made:
        yield made


@pytest.fixture(scope="module")
def whole_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FillingDisk]:
    with FillingDisk(tmp_path_factory.mktemp("disk"), "support.full_days") as made:
        yield made


@pytest.fixture
def disk(whole_disk: FillingDisk, tmp_path: Path) -> FillingDisk:
    return whole_disk.lay_open(tmp_path.name)


def not_kept(office: Office, home: Home, filled: Filled, *, told: str = "recover.adopted") -> list[str]:
    """Look at a kit after its disk was full, let it go on, and name what is wrong."""
    found, said = [], set(filled.said)
    kit = LockedKit(home, Repository())
    try:
        petugas = Petugas(kit, lambda _: None)
        context = petugas.context
        if [problem.code for problem in context.to_tell if problem.code != told]:
            found.append(f"told: {[problem.code for problem in context.to_tell]}")
        if fault := context.audit.verify()[1]:
            found.append(f"the log broke: {fault}")
        queue = context.delivery.queue()
        sealed = {entry.record.record_id for entry in queue.entries}
        promised = {words.split()[1] for words in said if words.startswith("sealed ")}
        found += [f"{record_id} was sealed and is not in the queue" for record_id in promised - sealed]
        if not sealed:
            open_ones = [context.recording.find(one.session_id) for one in context.left_open]
            for kind in CAPTURED_AT:
                has_it = any(session.step(kind).is_closed for session in open_ones)
                if f"accepted {kind.value}" in said and not has_it:
                    found.append(f"{kind} was accepted and is not")
        petugas.work()
        queue = context.delivery.queue()
        if [entry.state for entry in queue.entries] not in ([DeliveryState.ACKNOWLEDGED], [DeliveryState.PURGED]):
            found.append(f"the queue at the end: {[(e.record.record_id, e.state) for e in queue.entries]}")
        if context.left_open and not sealed and context.left_open[0].target_id != TARGET:
            found.append("something else was left open")
        found += not_there_once(office, context.kit_id)
    except KnownError as error:
        found.append(f"with room again it does not go on: {error}")
    finally:
        kit.leave()
    return found + unfinished(home.path)


def not_there_once(office: Office, kit_id: str) -> list[str]:
    gateway_context = provision.open_gateway(office.folder, SystemClock(WIB))
    with gateway_context.engine.begin() as connection:
        announced = connection.scalar(sa.select(sa.func.count()).select_from(manifests).filter_by(kit=kit_id))
        received = connection.scalar(sa.select(sa.func.count()).select_from(records).filter_by(kit=kit_id))
    gateway_context.engine.dispose()
    return [] if announced == received == 1 else [f"{announced} announced and {received} received at the data center"]


def a_day(disk: FillingDisk, office: Office) -> Laid:
    """Every other time the petugas stays signed in until there is room."""
    homes: dict[int, Home] = {}

    def lay(n: int) -> list[str]:
        homes[n] = office.kit(disk.places / str(n), PETUGAS)
        return [str(homes[n].path), "room" if n % 2 else ""]

    return lay, lambda filled, n: not_kept(office, homes[n], filled)


def a_copied_home(disk: FillingDisk, office: Office) -> Laid:
    """A kit whose one record has its receipt and its verdict."""
    made = office.kit(disk.places / "made", PETUGAS)
    kit = LockedKit(made, Repository())
    petugas = Petugas(kit, lambda _: None)
    petugas.work()
    gateway_context = provision.open_gateway(office.folder, SystemClock(WIB))
    verdict = ""
    while not verdict:  # the opener works on its own thread
        with gateway_context.engine.begin() as connection:
            verdict = str(connection.scalar(sa.select(records.c.verdict).filter_by(kit=petugas.context.kit_id)))
    gateway_context.engine.dispose()
    petugas.work()
    kit.leave()

    def lay(n: int) -> list[str]:
        return [str(shutil.copytree(made.path, disk.places / str(n)))]

    return lay, lambda filled, n: not_kept(office, Home(disk.places / str(n)), filled)


def a_damaged_store(disk: FillingDisk, office: Office) -> Laid:
    """A kit that is to make itself a sound store at the next sign-in."""
    lay, _ = a_copied_home(disk, office)

    def damaged(n: int) -> Sequence[str]:
        place = lay(n)
        DamageNote(Path(place[0]) / "kit.damaged").write()
        return place

    def wrong(filled: Filled, n: int) -> list[str]:
        return not_kept(office, Home(disk.places / str(n)), filled, told="store.replaced")

    return damaged, wrong


def an_act(disk: FillingDisk, field: Field, name: str) -> Laid:
    """One of the acts of a kit, with its judge; the data center answers from another process, which has room."""
    before = field.start(name)

    def lay(n: int) -> list[str]:
        site = before.copy(disk.places / str(n))
        field.center.use(site.center)
        return [name, str(site.root)]

    def wrong(filled: Filled, n: int) -> list[str]:
        site = Site(disk.places / str(n))
        # What is left on a disk without room takes the room that somebody makes.
        found = unfinished(site.laptop) if filled.ended else []
        return [*found, *filter(None, [field.wrong(name, site, list(filled.said))])]

    return lay, wrong


WAYS: dict[str, tuple[str, Callable[[FillingDisk, Office], Laid]]] = {
    "day": ("day", a_day),
    "daily copy": ("care", a_copied_home),
    "damaged store": ("day", a_damaged_store),
}
# What needs no more than the reserve and writes to no stick.
WITH_THE_RESERVE = ("accept", "sign an exception", "send", "purge", "recover", "readmit")
SPANS = {"for good": 0, "for one call": 1}
BY_TURNS = None
BUGS = {
    "for one call": PlantedBug("seals_without_room", "the queue at the end: .*QUARANTINED"),
    "for good": PlantedBug("accepts_without_room", " was accepted and is not$"),
}
HALF_WRITTEN = PlantedBug("forgets_what_it_half_wrote", r"^left behind: .*\.new$")


def test_a_loop_is_tried_at_its_first_and_its_last_turn() -> None:
    chunks = [Call("write", f"chunk-{n}", "put.py:7 < send.py:3") for n in range(40)]
    row, other = (
        Call("write", "kit.db-wal", "store.py:9 < send.py:4"),
        Call("write", "chunk-1", "put.py:7 < scrub.py:2"),
    )
    assert places_of([*chunks, row, *chunks, other]) == [1, 41, 81, 82]


@pytest.mark.parametrize(("way", "span"), some_of(product(WAYS, SPANS), 2))
def test_a_full_disk_loses_nothing(disk: FillingDisk, office: Office, way: str, span: str) -> None:
    act, laid = WAYS[way]
    assert sweep(disk, act, laid(disk, office), 1, SPANS[span]) == []


@pytest.mark.parametrize("name", some_of(ACTS, 2))
def test_an_act_on_a_full_disk_can_be_done_again(disk: FillingDisk, field: Field, name: str) -> None:
    assert sweep(disk, "act", an_act(disk, field, name), 1) == []


@pytest.mark.parametrize("name", some_of(WITH_THE_RESERVE, 1))
def test_an_act_is_done_with_the_reserve(disk: FillingDisk, field: Field, name: str) -> None:
    assert sweep(disk, "act", an_act(disk, field, name), 3, given=RESERVE_BYTES) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", WITH_THE_RESERVE)
def test_an_act_is_done_with_the_reserve_wherever_the_disk_was_full(disk: FillingDisk, field: Field, name: str) -> None:
    assert sweep(disk, "act", an_act(disk, field, name), None, given=RESERVE_BYTES) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_is_full_at_each_write_loses_nothing(disk: FillingDisk, office: Office, way: str) -> None:
    act, laid = WAYS[way]
    assert sweep(disk, act, laid(disk, office), None, BY_TURNS) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", ACTS)
def test_an_act_can_be_done_again_wherever_the_disk_was_full(disk: FillingDisk, field: Field, name: str) -> None:
    assert sweep(disk, "act", an_act(disk, field, name), None, BY_TURNS) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("span", BUGS)
def test_the_full_disk_catches_the_planted_bug(disk: FillingDisk, office: Office, span: str) -> None:
    act, laid = WAYS["day"]
    demand_caught(sweep(disk, act, laid(disk, office), None, SPANS[span], BUGS[span]), BUGS[span])


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_the_full_disk_catches_a_half_that_is_left(disk: FillingDisk, field: Field) -> None:
    demand_caught(sweep(disk, "act", an_act(disk, field, "backup"), None, bug=HALF_WRITTEN), HALF_WRITTEN)
