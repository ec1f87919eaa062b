"""The process that the kill sweep kills: records and sends, and tells each fact once it is committed.

Usage, in tests/: `python -m support.child_day OUT PEOPLE STATES [BUG]`; STATES names the targets to work on: `planned`,
`recording` or `planned,recording`. One JSON line per fact. With `--forks HOME` it signs in at a copy of a home, so that
everything is imported, then reads such arguments, a JSON list a line, and does each day in a fork: hundreds of kills
need not start Python hundreds of times.
A planted bug makes it a liar that the sweep must catch.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.day import BorrowedDevices, Petugas, offline_context, open_door, people, sign_in
from support.planted import PlantedBug
from support.remembered import estimate_prints, remember

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.delivery import QueueEntry
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.services.recording.run_session import RunSession
from fieldkit.services.recording.seal_record import SealRecord
from fieldkit.storage.sealed_files import FolderOfSealedFiles

_HOLE_S = 600.0  # until it is killed; longer only when nobody does


def tell(kind: str, **facts: object) -> None:
    # One write: a line is in the pipe as a whole or not at all.
    os.write(1, (json.dumps({"kind": kind, **facts}) + "\n").encode())


def open_hole() -> None:
    """Stand still where a planted bug would lose something, so that a test need not meet it by luck."""
    tell("hole")
    time.sleep(_HOLE_S)


def says_sealed_too_early() -> None:
    put = FolderOfSealedFiles.put

    def hasty(self: FolderOfSealedFiles, record_id: str, content: bytes, *given: Any, **named: Any) -> Path:
        tell("sealed", record=record_id, sha256=sha256(content).hexdigest())
        open_hole()
        return put(self, record_id, content, *given, **named)

    FolderOfSealedFiles.put = hasty  # type: ignore[method-assign]  # the bug is planted here


def says_accepted_too_early() -> None:
    accept = RunSession.accept

    def hasty(self: RunSession, session_id: str, step: StepKind, *given: Any, **named: Any) -> CaptureSession:
        samples = {p.value: ref.sha256 for p, ref in _bests(self.find(session_id), step)}
        tell("accepted", session=session_id, step=step.value, samples=samples)
        open_hole()
        return accept(self, session_id, step, *given, **named)

    RunSession.accept = hasty  # type: ignore[method-assign]


def erases_before_the_file() -> None:
    draft = SealRecord._draft

    def rash(self: SealRecord, session_id: str, *given: Any, **named: Any) -> Any:
        drawn = draft(self, session_id, *given, **named)
        with self._store.write() as unit:
            unit.sessions.erase(session_id)
        open_hole()
        return drawn

    SealRecord._draft = rash  # type: ignore[method-assign]


def writes_the_file_after_the_row() -> None:
    put = FolderOfSealedFiles.put
    commit = SealRecord._commit
    later: list[Callable[[], object]] = []

    def lazy_put(self: FolderOfSealedFiles, record_id: str, *given: Any, **named: Any) -> Path:
        later.append(partial(put, self, record_id, *given, **named))
        return self.path(record_id)

    def lazy(self: SealRecord, *given: Any, **named: Any) -> QueueEntry:
        entry = commit(self, *given, **named)
        open_hole()
        later.pop()()
        return entry

    FolderOfSealedFiles.put = lazy_put  # type: ignore[method-assign]
    SealRecord._commit = lazy  # type: ignore[method-assign]


def _bests(session: CaptureSession, kind: StepKind) -> list[tuple[object, object]]:
    step = session.step(kind)
    return [(p, ref) for p in step.outcomes if (ref := step.best(p)) is not None]


BUGS = {
    plant.__name__: PlantedBug(plant.__name__, fact, plant)
    for plant, fact in (
        (says_sealed_too_early, "^sealed record .* has no row with its digest"),
        (says_accepted_too_early, " was accepted and cannot be read"),
        (erases_before_the_file, r"^attempt \d+ at .* forgot "),
        (writes_the_file_after_the_row, " has a row and no file of its digest"),
    )
}


def main(out: Path, count: int, states: str, bug: str = "") -> None:
    if bug:
        BUGS[bug].plant()
    residents = people(count)
    devices = BorrowedDevices(out / "devices.json")
    door = open_door(Home(out / "home"), devices, residents)
    try:
        petugas = Petugas(sign_in(door), residents, tell)
        tell("signed_in")
        petugas.record_all([TargetState(state) for state in states.split(",")])
        petugas.send()
        tell("done")
    finally:
        door.leave()


def serve(warm: Home) -> None:
    """Do a day in a fork for each line of standard input; tell its process, and how it ended."""
    for shared in (remember, estimate_prints):
        shared(pytest.MonkeyPatch())
    with offline_context(warm):
        pass
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            try:
                out, count, *rest = json.loads(line)
                main(Path(out), int(count), *rest)
                os._exit(0)
            except BaseException:  # noqa: BLE001 - a fork must never go on where its parent waits
                traceback.print_exc()
                os._exit(1)
        tell("begun", pid=pid)
        tell("ended", code=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    if sys.argv[1] == "--forks":
        serve(Home(Path(sys.argv[2])))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
