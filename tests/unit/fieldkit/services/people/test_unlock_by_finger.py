"""The real store, the real driver and a simulated module: the operator lays a finger on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from support.clock import HandClock
from support.kept import open_kit
from support.room import LEAD, PETUGAS

from drivers.context import DriverContext
from drivers.registry import DeviceRegistry
from drivers.simulators.stage import Stage
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.zfm import ZfmModule
from drivers.transport import NeverCancelled
from drivers.zfm.driver import ZfmDriver, ZfmReader
from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FingerTemplate,
    NotConnectedError,
)
from fieldkit.services.people.keep_accounts import UnlockByFinger, operator_key
from fieldkit.storage.store import SqlStore

NEVER = NeverCancelled()
FIR = Sample(Position.RIGHT_INDEX, SampleFormat.ISO_19794_4, b"FIR", QualityScore(80, "x"))


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.present(SyntheticSubject(5))
    return stage


@pytest.fixture
def module(stage: Stage, tmp_path: Path) -> Iterator[ZfmModule]:
    module = ZfmModule(stage, tmp_path)
    yield module
    module.stop()


@pytest.fixture
def registry(module: ZfmModule, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceRegistry]:
    monkeypatch.setattr("drivers.zfm.line.ANSWER_S", 20.0)  # a busy machine is no broken cable
    addresses = {"zfm": (module.address,)}
    # To compare fingers it needs neither verifier nor encoder.
    parts = dict.fromkeys(
        f.name for f in fields(DriverContext) if f.default is MISSING and f.default_factory is MISSING
    )
    built = DeviceRegistry([ZfmDriver(DriverContext(**parts, addresses=addresses, only_given=frozenset({"zfm"})))])
    yield built
    built.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_kit(tmp_path)
    yield store
    store.close()


@pytest.fixture
def lock(store: SqlStore, registry: DeviceRegistry) -> UnlockByFinger:
    return UnlockByFinger(store, registry, PETUGAS, HandClock())


def test_the_kept_finger_opens(lock: UnlockByFinger) -> None:
    assert not lock.is_learnt
    lock.learn(NEVER)
    assert lock.is_learnt
    lock.unlock(NEVER)


@pytest.mark.days
def test_another_finger_uses_up_tries_and_the_right_one_gives_them_back(
    lock: UnlockByFinger, module: ZfmModule
) -> None:
    lock.learn(NEVER)
    for _ in range(2):
        module.finger = Position.LEFT_THUMB
        for left in (2, 1):
            with pytest.raises(KnownError) as caught:
                lock.unlock(NEVER)
            assert (caught.value.code, caught.value.problem.params) == ("unlock.wrong_finger", {"left": left})
        module.finger = Position.RIGHT_INDEX
        lock.unlock(NEVER)


@pytest.mark.days
def test_after_three_wrong_fingers_even_the_right_one_does_not_open(lock: UnlockByFinger, stage: Stage) -> None:
    lock.learn(NEVER)
    stage.present(SyntheticSubject(6))
    codes = []
    for _ in range(3):
        with pytest.raises(KnownError) as caught:
            lock.unlock(NEVER)
        codes.append(caught.value.code)
    assert codes == ["unlock.wrong_finger", "unlock.wrong_finger", "unlock.finger_exhausted"]
    stage.present(SyntheticSubject(5))
    with pytest.raises(KnownError) as caught:
        lock.unlock(NEVER)
    assert caught.value.code == "unlock.finger_exhausted"


def test_the_finger_of_one_user_is_not_that_of_another(
    lock: UnlockByFinger, store: SqlStore, registry: DeviceRegistry
) -> None:
    lock.learn(NEVER)
    other = UnlockByFinger(store, registry, LEAD, HandClock())
    assert not other.is_learnt
    with pytest.raises(KnownError) as caught:
        other.unlock(NEVER)
    assert caught.value.code == "unlock.no_finger_kept"


def test_what_is_forgotten_is_gone_and_the_log_tells_both(lock: UnlockByFinger, store: SqlStore) -> None:
    lock.learn(NEVER)
    lock.forget()
    assert not lock.is_learnt
    with store.read() as unit:
        rows = unit.events.of(PETUGAS.user_id)
    assert [(row.kind, row.payload) for row in rows] == [
        ("unlock_finger_kept", "{}"),
        ("unlock_finger_forgotten", "{}"),
    ]


def test_without_a_reader_of_its_kind(lock: UnlockByFinger, module: ZfmModule, registry: DeviceRegistry) -> None:
    lock.learn(NEVER)
    module.unplug()
    registry.scan()
    with pytest.raises(NotConnectedError) as caught:
        lock.unlock(NEVER)
    assert caught.value.code == "unlock.no_reader"


class Reader:
    """A reader that compares fingers inside and gives no pictures; every finger is the right one."""

    def __init__(self, template_kind: str) -> None:
        self.template_kind, self.opened = template_kind, 0
        self.identity = DeviceIdentity("Uji", template_kind, "SN-1")
        self.capabilities = Capabilities(DeviceKind.FINGERPRINT, may_enrol=False)

    def open(self, cancel: Cancel) -> None:
        self.opened += 1

    def health(self) -> DeviceState:
        return DeviceState.READY

    def close(self) -> None: ...

    def learn_finger(self, cancel: Cancel, timeout_ms: int) -> FingerTemplate:
        return FingerTemplate(self.template_kind, b"finger")

    def is_finger_of(self, template: FingerTemplate, cancel: Cancel, timeout_ms: int) -> bool:
        return True


class Plugged:
    """A registry of what a test plugs in; nothing is known before the first scan."""

    def __init__(self, *plugged: tuple[Reader, DeviceKind, DeviceState]) -> None:
        self.plugged = {str(at): each for at, each in enumerate(plugged)}
        self.scans = 0

    def scan(self) -> Sequence[DeviceStatus]:
        self.scans += 1
        return self.statuses()

    def statuses(self) -> Sequence[DeviceStatus]:
        known = self.plugged if self.scans else {}
        return [DeviceStatus("uji", at, kind, state) for at, (_, kind, state) in known.items()]

    def device(self, status: DeviceStatus) -> Reader:
        return self.plugged[status.address][0]


FINGER, READY = DeviceKind.FINGERPRINT, DeviceState.READY


@pytest.mark.parametrize(
    ("plugged", "has_reader", "is_ready"),
    [
        ((), False, False),
        ((Reader("a"), FINGER, READY), True, True),
        ((Reader("b"), FINGER, READY), True, False),
        ((Reader("a"), FINGER, DeviceState.BUSY), False, False),
        ((Reader("a"), DeviceKind.IRIS, READY), False, False),
        ((object(), FINGER, READY), False, False),
    ],
)
def test_a_finger_opens_where_a_ready_reader_of_its_kind_is_there(
    store: SqlStore, plugged: tuple[Reader, DeviceKind, DeviceState], has_reader: bool, is_ready: bool
) -> None:
    there = Plugged((Reader("a"), FINGER, READY))
    UnlockByFinger(store, there, PETUGAS, HandClock()).learn(NEVER)
    now = Plugged(*filter(None, [plugged]))
    lock, other = (UnlockByFinger(store, now, user, HandClock()) for user in (PETUGAS, LEAD))
    now.scan()
    assert (lock.has_reader, lock.is_ready, other.is_ready) == (has_reader, is_ready, False)
    if is_ready:
        lock.unlock(NEVER)
    else:
        with pytest.raises(NotConnectedError, match=r"unlock\.no_reader"):
            lock.unlock(NEVER)


def test_the_reader_of_the_kept_kind_is_opened_after_one_scan(store: SqlStore) -> None:
    other, own = Reader("b"), Reader("a")
    here = Plugged((own, FINGER, READY), (other, FINGER, READY))
    lock = UnlockByFinger(store, here, PETUGAS, HandClock(), lambda _: b"FIR")
    lock.learn(NEVER)  # by the first that is there; it gives no picture to know the finger by
    here.plugged = dict(reversed(here.plugged.items()))
    lock.unlock(NEVER)
    assert (own.opened, other.opened, here.scans) == (2, 0, 1)
    with store.read() as unit:
        assert unit.finger_templates.held() == frozenset()


def test_no_finger_is_awaited_once_the_tries_are_used_up(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = UnlockByFinger(store, Plugged((Reader("a"), FINGER, READY)), PETUGAS, HandClock())
    lock.learn(NEVER)
    monkeypatch.setattr(Reader, "is_finger_of", lambda *_: False)
    for _ in range(3):
        assert lock.is_ready
        with pytest.raises(KnownError):
            lock.unlock(NEVER)
    assert not lock.is_ready


def test_the_template_cannot_be_read_in_the_file(lock: UnlockByFinger, store: SqlStore, tmp_path: Path) -> None:
    lock.learn(NEVER)
    with store.read() as unit:
        kept = unit.settings.get(f"unlock_finger.{PETUGAS.user_id}")["template"]
    store.close()
    assert kept.encode() not in b"".join(file.read_bytes() for file in tmp_path.glob("kit.db*"))


def test_a_finger_that_opens_is_also_known_among_residents_until_it_is_forgotten(
    store: SqlStore, registry: DeviceRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Position, ...]] = []

    def capture(_reader: ZfmReader, request: CaptureRequest, _preview: object, _cancel: object) -> CaptureResult:
        asked.append(request.positions)
        return CaptureResult((FIR,))

    monkeypatch.setattr(ZfmReader, "capture", capture)
    awaited: list[int] = []
    lock = UnlockByFinger(store, registry, PETUGAS, HandClock(), lambda samples: b"".join(s.data for s in samples))
    for _ in range(2):  # a second finger takes the place of the first
        lock.learn(NEVER, awaited.append)
        with store.read() as unit:
            assert unit.finger_templates.get(operator_key(PETUGAS.user_id)) == b"FIR" * 3
    assert asked == [(Position.RIGHT_INDEX,)] * 6
    assert awaited == [1, 2, 3] * 2
    lock.forget()
    with store.read() as unit:
        assert unit.finger_templates.held() == frozenset()


@pytest.mark.parametrize(("given", "held"), [(0, None), (1, b"FIR"), (2, b"FIR" * 2)])
def test_a_reader_that_gives_too_few_images_opens_all_the_same(
    store: SqlStore, registry: DeviceRegistry, monkeypatch: pytest.MonkeyPatch, given: int, held: bytes | None
) -> None:
    images = iter([FIR] * given)

    def capture(*_: object) -> CaptureResult:
        if (image := next(images, None)) is None:
            raise NotConnectedError("device.libfprint.no_image")
        return CaptureResult((image,))

    monkeypatch.setattr(ZfmReader, "capture", capture)
    lock = UnlockByFinger(store, registry, PETUGAS, HandClock(), lambda samples: b"".join(s.data for s in samples))
    lock.learn(NEVER)
    lock.unlock(NEVER)
    key = operator_key(PETUGAS.user_id)
    with store.read() as unit:
        kept = unit.finger_templates.get(key) if key in unit.finger_templates.held() else None
    assert kept == held
