"""What a kit does while its disk fills up: run by `full_disk`, each act in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.full_disk import Disk
from support.homes import PASSPHRASE, Nobody, Repository
from support.kept import biodata
from support.kit_acts import ACTS
from support.room import PETUGAS
from support.samples import captured
from support.sites import Site

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, ServiceCategory, Target
from fieldkit.domain.recording.capture import CAPTURED_AT
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.domain.typed import DraftName
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording.run_session import RunSession
from fieldkit.storage.sealed_files import FolderOfSealedFiles

Say = Callable[[str], object]
BEFORE_FORKS = ("day", "care", "act")
ACTIVITY, TARGET = "act-1", "t1"
DRAFT = DraftName("visit", {"target": TARGET})


class Petugas:
    """Goes on wherever the last try stopped; says each fact once it is committed."""

    def __init__(self, kit: LockedKit, say: Say) -> None:
        self._kit, self._say = kit, say
        self._context: AppContext | None = None

    @property
    def context(self) -> AppContext:
        if self._context is None:
            self._context = self._kit.unlock(PETUGAS.user_id, PASSPHRASE)
            self._say("signed in")
        return self._context

    def work(self) -> None:
        """Type, plan, record, seal and send one person."""
        context = self.context
        if context.drafts.find(DRAFT) is None:
            context.drafts.keep(DRAFT, {"note": "anjing di halaman"})
            self._say("typed")
        if context.delivery.queue().sealed == 0:
            self._record(context)
        self._send(context)

    def _record(self, context: AppContext) -> None:
        if not any(target.target_id == TARGET for target in context.visits.targets(ACTIVITY)):
            day = context.clock.today()
            activity = Activity(ACTIVITY, "Jemput bola", "Desa Jimbe", day, ModePerekaman.LURING, "ST/1", "sop")
            context.visits.take_over(activity, [Target(TARGET, ACTIVITY, 1, biodata(), ServiceCategory.UMUM)])
        session = context.recording.open(TARGET)
        session_id = session.session_id
        if session.phase is Phase.OPENED:
            session = context.recording.give_notice(session_id, "id")
        if session.phase is Phase.NOTICE_GIVEN:
            session = context.recording.confirm_biodata(session_id, biodata())
        for kind, positions in CAPTURED_AT.items() if session.phase is Phase.CAPTURING else ():
            if not session.step(kind).attempts:
                taken = captured(dict.fromkeys(positions, 80))
                session = context.recording.keep_attempt(session_id, kind, "Device 1", positions, taken)
                self._say(f"attempt {kind.value}")
            if not session.step(kind).is_closed:
                session = context.recording.accept(session_id, kind)
                self._say(f"accepted {kind.value}")
        if session.phase is Phase.CAPTURING:
            context.recording.verify_indexes(session_id)
            context.recording.review(session_id)
        self._say(f"sealed {context.sealing.seal(session_id).record.record_id}")

    def _send(self, context: AppContext) -> None:
        report = context.delivery.send(Nobody(), Nobody())
        for record_id in report.acknowledged:
            self._say(f"acknowledged {record_id}")
        for record_id in report.purged:
            self._say(f"purged {record_id}")
        if report.stopped_by is not None:
            raise KnownError(report.stopped_by.code)


def day(disk: Disk, say: Say, home: str, then: str = "") -> None:
    """Sign in and work. `then` = "room": stay signed in, try once more in vain, and go on when there is room."""
    kit = LockedKit(Home(Path(home)), Repository())
    petugas = Petugas(kit, say)
    try:
        try:
            petugas.work()
        except KnownError as error:
            if not then:
                raise
            say(f"stopped {error.code}")
            try:
                petugas.work()
            except KnownError as again:
                say(f"stopped {again.code}")
            disk.make_room()
            petugas.work()
            assert petugas.context.delivery.queue().counts[DeliveryState.ACKNOWLEDGED] == 1
            say("done after all")
    finally:
        kit.leave()


def care(_: Disk, say: Say, home: str) -> None:
    """Sign in, look after the store and make its daily copy."""
    kit = LockedKit(Home(Path(home)), Repository())
    try:
        problems = kit.unlock(PETUGAS.user_id, PASSPHRASE).check_store.run()
        for problem in problems:
            say(f"told {problem.code}")
    finally:
        kit.leave()


def act(_: Disk, say: Say, name: str, root: str) -> None:
    """Do one of the acts of a kit."""
    ACTS[name].do(Site(Path(root)), say)


def seals_without_room() -> None:
    """Planted: no room for the sealed file is no reason to stop."""
    put = FolderOfSealedFiles.put

    def careless(self: FolderOfSealedFiles, record_id: str, *given: Any, **named: Any) -> Path:
        try:
            return put(self, record_id, *given, **named)
        except KnownError:
            return self.path(record_id)

    FolderOfSealedFiles.put = careless  # type: ignore[method-assign]  # the bug is planted here


def accepts_without_room() -> None:
    """Planted: what could not be saved is shown as accepted."""
    accept = RunSession.accept

    def careless(self: RunSession, session_id: str, *given: Any, **named: Any) -> CaptureSession:
        try:
            return accept(self, session_id, *given, **named)
        except KnownError:
            return self.find(session_id)

    RunSession.accept = careless  # type: ignore[method-assign]


def forgets_what_it_half_wrote() -> None:
    """Planted: a half-written file stays on the disk that has no room."""
    Path.unlink = lambda *_, **__: None  # type: ignore[method-assign]
