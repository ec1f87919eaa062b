"""Pages of the store go bad, or an older copy of it is put back: nothing sealed and nothing accepted is lost.

A home with a sealed queue, targets and an open recording is copied; one byte of one page of `kit.db` is turned over in
each copy. Somebody signs in, the check of the store runs, somebody signs in again: every time the kit opens, tells what
happened, and holds each sealed record once and each accepted sample as it came from the device.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from support.homes import Office, opened, record
from support.kept import biodata
from support.planted import PlantedBug, demand_caught, demand_quiet
from support.room import PETUGAS
from support.samples import captured

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import KnownError
from fieldkit.domain.planning.outreach import ServiceCategory, Target
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording import seal_record
from fieldkit.storage import copies as replacing
from fieldkit.storage import store
from fieldkit.storage import unit as journaled
from fieldkit.storage.sealed_files import FolderOfSealedFiles

PAGE_BYTES = 4096
TOLD = 20  # after so many pages a long sweep says how far it is
SEALED = 3
PEOPLE = [biodata(f"Warga {chr(54 + number)}", f"32750147087900{number:02d}") for number in range(11, 31)]
ACCEPTED = tuple(CAPTURED_AT)[:4]


@dataclass(frozen=True)
class Prepared:
    """A closed home as it was, and what it must still hold."""

    home: Home
    sealed: dict[str, str]  # record id → digest of its file
    session_id: str
    accepted: dict[StepKind, dict[str, str]]  # step → sample id → digest

    def copied(self, folder: Path) -> Home:
        shutil.copytree(self.home.path, folder)
        return Home(folder)


@pytest.fixture(scope="module", params=["with a copy of the store", "without any copy"])
def prepared(request: pytest.FixtureRequest, office: Office, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    home = office.kit(tmp_path_factory.mktemp("damaged") / "kit", PETUGAS)
    with opened(home) as context:
        for number in range(SEALED - 1):
            record(context, PEOPLE[number], house=number + 1)
        activity = context.visits.overview().activity
        assert activity is not None
        rest = [Target(f"t{n + 1}", "act-1", n + 1, who, ServiceCategory.UMUM) for n, who in enumerate(PEOPLE)]
        context.visits.take_over(activity, rest[SEALED:])
        if request.param == "with a copy of the store":
            assert list(context.check_store.check()) == []
        record(context, PEOPLE[SEALED - 1], house=SEALED)  # no copy knows it
        session = capture(context, f"t{SEALED + 1}", PEOPLE[SEALED])
        entries = context.delivery.queue().entries
        accepted = {step: bests(session, step) for step in ACCEPTED}
    return Prepared(home, {e.record.record_id: e.record.sha256 for e in entries}, session.session_id, accepted)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    from support.homes import open_office

    with open_office(tmp_path_factory.mktemp("office") / "gateway") as made:
        yield made


def capture(context: AppContext, target: str, who: object) -> CaptureSession:
    session_id = context.recording.open(target).session_id
    context.recording.give_notice(session_id, "id")
    session = context.recording.confirm_biodata(session_id, who)  # type: ignore[arg-type]
    for turn, step in enumerate(ACCEPTED, 1):
        positions = CAPTURED_AT[step]
        context.recording.keep_attempt(
            session_id, step, "Device 1", positions, captured(dict.fromkeys(positions, 80), turn)
        )
        session = context.recording.accept(session_id, step)
    return session


def bests(session: CaptureSession, step: StepKind) -> dict[str, str]:
    found = (session.step(step).best(position) for position in session.step(step).outcomes)
    return {ref.sample_id: ref.sha256 for ref in found if ref is not None}


def losses(prepared: Prepared, home: Home, context: AppContext) -> list[str]:
    """Name what is gone, what is there twice and what cannot be gone on with."""
    entries = context.delivery.queue().entries
    here = {entry.record.record_id: entry.record.sha256 for entry in entries}
    found = [f"sealed {record_id} is not in the queue" for record_id in prepared.sealed.keys() - here.keys()]
    for record_id, sha256 in prepared.sealed.items():
        file = home.sealed / f"{record_id}.age"
        if (
            not file.is_file()
            or hashlib.sha256(file.read_bytes()).hexdigest() != sha256
            or here.get(record_id) != sha256
        ):
            found.append(f"sealed {record_id} has no file of its digest")
    for what, counts in (
        ("session", Counter(entry.record.session_id for entry in entries)),
        ("target", Counter(entry.record.target_id for entry in entries)),
        ("place", Counter(str(entry.record.link) for entry in entries)),
    ):
        found += [f"{count} records of one {what}" for count in counts.values() if count > 1]
    found += lost_samples(prepared, context)
    if (fault := context.audit.verify()[1]) is not None:
        found.append(f"the log breaks at {fault.sequence}: {fault.code}")
    return found


def lost_samples(prepared: Prepared, context: AppContext) -> Iterator[str]:
    if [left.session_id for left in context.left_open] != [prepared.session_id]:
        yield "the open recording is not open, or not alone"
        return
    session = context.recording.find(prepared.session_id)
    for step, samples in prepared.accepted.items():
        if bests(session, step) != samples:
            yield f"{step} is not accepted as it was"
            continue
        for sample_id, sha256 in samples.items():
            try:
                content = context.recording.sample(sample_id).data
            except KnownError:
                content = b""
            if hashlib.sha256(content).hexdigest() != sha256:
                yield f"a sample of {step} cannot be read"


def damage(home: Home, page: int, chance: random.Random) -> None:
    content = bytearray(home.database.read_bytes())
    content[page * PAGE_BYTES + chance.randrange(PAGE_BYTES)] ^= 1 << chance.randrange(8)
    home.database.write_bytes(content)


def faults_after(prepared: Prepared, home: Home) -> list[str]:
    """Sign in, let the check run, sign in again, and compare."""
    told: list[str] = []
    try:
        for _ in range(2):
            with opened(home) as context:
                told += [problem.code for problem in context.to_tell]
                told += [problem.code for problem in context.check_store.check()]
        with opened(home) as context:
            found = losses(prepared, home, context)
            again = [problem.code for problem in (*context.to_tell, *context.check_store.check())]
    except KnownError as error:
        return [f"the kit does not open: {error.code}"]
    if not any(code.startswith(("store.replaced", "store.damage_found")) for code in told):
        found.append("nobody was told")
    return [*found, *(f"it goes on telling {code}" for code in again)]


def sweep(prepared: Prepared, folder: Path, pages: list[int], seed: int) -> list[str]:
    chance = random.Random(seed)
    for number, page in enumerate(pages):
        home = prepared.copied(folder / str(number))
        damage(home, page, chance)
        if found := faults_after(prepared, home):
            return [f"page {page} (seed {seed}):", *found]
        shutil.rmtree(home.path)
        if (number + 1) % TOLD == 0:
            print(f"\n  {number + 1} of {len(pages)} bad pages (seed {seed}): nothing lost", flush=True)
    return []


def places(prepared: Prepared, count: int, seed: int) -> list[int]:
    """The first page, and others at random."""
    pages = prepared.home.database.stat().st_size // PAGE_BYTES
    return [0, *random.Random(seed).choices(range(1, pages), k=count - 1)]


def test_a_bad_page_loses_nothing_sealed_and_nothing_accepted(prepared: Prepared, tmp_path: Path) -> None:
    assert sweep(prepared, tmp_path, places(prepared, 3, seed=5), seed=5) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_a_bad_page_in_a_long_sweep(prepared: Prepared, tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    assert sweep(prepared, tmp_path, places(prepared, 100, seed), seed) == []


def forgets_the_journals(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (replacing, journaled):
        monkeypatch.setattr(room, "rebuild", lambda *_, **__: ())


def sees_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    for theming in ("damage", "deep_damage"):
        monkeypatch.setattr(store.FileCare, theming, lambda *_, **__: [])


def adopts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_record.Recover, "_unknown", lambda *_, **__: seal_record._Unknown())


def losses_of_nothing(prepared: Prepared, folder: Path) -> list[str]:
    """Sign in where nothing is damaged, and compare."""
    home = prepared.copied(folder)
    with opened(home) as context:
        return [*losses(prepared, home, context), *(f"told {problem.code}" for problem in context.to_tell)]


BUGS = [
    PlantedBug(plant.__name__, fact, plant)
    for plant, fact in (
        (forgets_the_journals, "^the open recording is not open, or not alone$"),
        (sees_no_damage, r"^the kit does not open: store\.damaged$|^nobody was told$"),
        (adopts_nothing, "^sealed .* is not in the queue$"),
    )
]


@pytest.mark.faults
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_sweep_catches_the_planted_bug(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bug: PlantedBug
) -> None:
    bug.plant(monkeypatch)
    demand_quiet(losses_of_nothing(prepared, tmp_path / "quiet"), bug)
    wanted = places(prepared, 8, seed=7)[1:] if bug.plant is sees_no_damage else [0]
    demand_caught(sweep(prepared, tmp_path, wanted, seed=7), bug)


def put_an_old_store_back(prepared: Prepared, folder: Path) -> list[str]:
    """Keep `kit.db`, seal three more people, put the kept file back, and name what is not as it must be."""
    home = prepared.copied(folder)
    kept = home.database.read_bytes()
    with opened(home) as context:
        later = [record(context, PEOPLE[number], house=number + 1) for number in range(10, 13)]
        chains = {entry.record.link.chain for entry in context.delivery.queue().entries}
    home.database.write_bytes(kept)
    wanted = replace(prepared, sealed=prepared.sealed | {e.record.record_id: e.record.sha256 for e in later})
    with opened(home) as context:
        found = losses(wanted, home, context)
        told = [problem.code for problem in context.to_tell]
        last = record(context, PEOPLE[15], house=16)
        if last.record.link.chain in chains or last.record.link.sequence != 1:
            found.append("the next record stands on the old chain")
        if told != ["recover.older_store"]:
            found.append(f"told was {told}")
    with opened(home) as context:
        found += [f"it goes on telling {problem.code}" for problem in context.to_tell]
    return found


def test_an_older_store_put_back_loses_and_doubles_nothing(prepared: Prepared, tmp_path: Path) -> None:
    assert put_an_old_store_back(prepared, tmp_path / "home") == []


@pytest.mark.faults
def test_the_old_sweep_is_caught(prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug that this program once had: files without a row are erased at start."""
    run, bug = seal_record.Recover.run, PlantedBug("erases_orphans", "^sealed .* has no file of its digest$")

    def erases_orphans(self: seal_record.Recover, *given: Any, **named: Any) -> seal_record.Recovered:
        files = self._files
        assert isinstance(files, FolderOfSealedFiles)
        with self._store.read() as unit:
            known = unit.records.states(files.found().sealed)
        for record_id in files.found().sealed - known.keys():
            files.erase(record_id)
        return run(self, *given, **named)

    monkeypatch.setattr(seal_record.Recover, "run", erases_orphans)
    demand_quiet(losses_of_nothing(prepared, tmp_path / "quiet"), bug)
    demand_caught(put_an_old_store_back(prepared, tmp_path / "home"), bug)
