"""An outreach day without a screen: the real services on a demo kit, told fact by fact after each commit."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from support.room import hand

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.devices import Addresses, connect_devices
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.cli.options import NeverCancelled, NoProgress
from fieldkit.app.demo.kit import ACTIVITY, PETUGAS, PINS, DemoDoor, DeviceTime
from fieldkit.app.demo.people import Resident, grow
from fieldkit.app.demo.world import Devices
from fieldkit.domain.planning.outreach import Target, TargetState
from fieldkit.domain.recording.capture import CAPTURED_AT, CaptureStep, Sample, StepKind
from fieldkit.domain.recording.positions import ExceptionReason
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.ports.devices import DeviceBusyError, Signature, TimedOutError
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording.capture import Captured

SEED = 1
Tell = Callable[..., None]
_TRIES = 4
_PATIENCE = 1200  # answers of a device that serves whoever was killed


def tell_nobody(_kind: str, **_facts: object) -> None:
    """Keep it to oneself."""


class BorrowedDevices(Devices):
    """The simulated devices of another process, which go on when this one dies."""

    def __init__(self, ports_file: Path) -> None:
        self._known = json.loads(ports_file.read_text("utf-8"))
        self._line = socket.create_connection(("127.0.0.1", int(str(self._known["control"]))))


def people(count: int) -> list[Resident]:
    return grow(count, SEED, SystemClock(WIB).today())


def open_door(home: Home, devices: Devices, residents: Sequence[Resident]) -> DemoDoor:
    return DemoDoor(home, devices, residents, DeviceTime())


def sign_in(door: DemoDoor) -> AppContext:
    return door.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])


class _NoInk:
    def offer_signature(self, _: Signature) -> None:
        """Nobody watches the pen."""


class Petugas:
    """Records residents at a context, going on wherever an earlier process stopped."""

    def __init__(self, context: AppContext, residents: Sequence[Resident], tell: Tell = tell_nobody) -> None:
        self.context, self._tell = context, tell
        self._by_nik = {person.biodata.nik.digits: person for person in residents}
        self.seen: list[Sample] = []  # every sample that a device delivered

    def record_all(self, states: Collection[TargetState] = (TargetState.PLANNED, TargetState.RECORDING)) -> None:
        for target in self.context.visits.targets(ACTIVITY):
            if target.state in states:
                self.record(target)
                self.send()

    def send(self) -> None:
        for record_id in self.context.delivery.send(NoProgress(), NeverCancelled()).acknowledged:
            self._tell("acknowledged", record=record_id)

    def record(self, target: Target) -> None:
        self.seal(self.prepare(target))

    def prepare(self, target: Target) -> CaptureSession:
        """Bring a recording to its review."""
        recording = self.context.recording
        self._tell("comes", target=target.target_id)
        session = recording.open(target.target_id)
        self._tell("opened", session=session.session_id)
        if session.phase is Phase.OPENED:
            session = recording.give_notice(session.session_id, "id")
        if session.phase is Phase.NOTICE_GIVEN:
            session = recording.confirm_biodata(session.session_id, target.biodata)
        if session.phase is Phase.CAPTURING:
            for kind in CAPTURED_AT:
                session = self._work_on(session, kind, self._by_nik[target.biodata.nik.digits])
            session = recording.verify_indexes(session.session_id)
            session = recording.review(session.session_id)
        if session.phase is Phase.REVIEWING:
            for turn, (wanted, _) in enumerate(recording.inks_open(session.session_id), 1):
                session = recording.take_ink(session.session_id, wanted, hand(turn), "Pad 1")
        return session

    def seal(self, session: CaptureSession) -> None:
        self._tell("sealing", session=session.session_id)
        entry = self.context.sealing.seal(session.session_id)
        sealed = entry.record
        self._tell("sealed", session=session.session_id, record=sealed.record_id, sha256=sealed.sha256)

    def _work_on(self, session: CaptureSession, kind: StepKind, resident: Resident) -> CaptureSession:
        if session.step(kind).is_closed:
            return session
        recording, session_id = self.context.recording, session.session_id
        for position, reason in resident.hopeless.items():
            if position in CAPTURED_AT[kind] and position not in session.step(kind).excepted:
                session = recording.mark_exceptions(session_id, kind, [position], reason, "Pak RT")
        while not session.step(kind).is_closed:
            step = session.step(kind)
            worn = [p for p in step.wanted if p in resident.worn and step.attempts_at(p) >= 2]
            if step.may_accept(session.policy):
                session = recording.accept(session_id, kind)
                self._tell("accepted", session=session_id, step=kind.value, samples=best_digests(session.step(kind)))
            elif worn:
                session = recording.mark_exceptions(session_id, kind, worn, ExceptionReason.WORN, "Pak RT")
            else:
                assert len(step.attempts) < _TRIES, f"{resident.biodata.name}: {kind} does not come to its end"
                session = self._capture(session, kind)
        return session

    def _capture(self, session: CaptureSession, kind: StepKind) -> CaptureSession:
        captured = self._captured(session, kind)
        self.seen += captured.result.samples
        after = self.context.recording.keep_attempt(
            session.session_id, captured.step, captured.device, captured.asked, captured.result
        )
        attempt = after.step(kind).attempts[-1]
        samples = {ref.position.value: ref.sha256 for ref in attempt.samples}
        self._tell("attempt", session=session.session_id, step=kind.value, number=attempt.number, samples=samples)
        return after

    def _captured(self, session: CaptureSession, kind: StepKind) -> Captured:
        refused = 0
        while True:
            try:
                if kind in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
                    return self.context.capture.sign(kind, _NoInk(), NeverCancelled())
                return self.context.capture.take(session, kind, NoProgress(), NeverCancelled())
            except (DeviceBusyError, TimedOutError):
                # The device still serves the process that was killed, or a busy machine starves its simulator.
                refused += 1
                if refused > _PATIENCE:
                    raise
                time.sleep(0.1)


def best_digests(step: CaptureStep) -> dict[str, str]:
    best = {position.value: step.best(position) for position in step.outcomes}
    return {position: ref.sha256 for position, ref in best.items() if ref is not None}


@contextmanager
def offline_context(home: Home) -> Iterator[AppContext]:
    """Sign in at a kit that has no device at all."""
    nothing = Addresses({}, frozenset({"sbi", "opencv", "topaz", "pcsc"}))
    kit = LockedKit(home, lambda trust: connect_devices(trust, home.clock(), nothing, is_watching=False))
    try:
        yield kit.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])
    finally:
        kit.leave()
