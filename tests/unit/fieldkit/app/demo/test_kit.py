from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli.options import NeverCancelled, NoProgress
from fieldkit.app.demo import kit
from fieldkit.app.demo.day import write_proofs
from fieldkit.app.demo.kit import ACTIVITY, LEAD, PETUGAS, PINS, DemoDoor, DeviceTime, Hands, prepare
from fieldkit.app.demo.people import grow
from fieldkit.app.demo.world import World
from fieldkit.domain.errors import KnownError, VaultError
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import Modality
from fieldkit.services.recording.capture import Capture
from fieldkit.vault.one_time_codes import TotpCodes


class Counting(DeviceTime):
    """Knows whether what happens now is counted as the device's."""

    is_counting = False

    @contextmanager
    def counted(self) -> Iterator[None]:
        self.is_counting = True
        yield

    @contextmanager
    def without(self) -> Iterator[None]:
        self.is_counting = False
        yield


def test_what_was_kept_is_read_in_the_time_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    spent, counted = Counting(), []
    monkeypatch.setattr(Capture, "_known", lambda *_: counted.append(spent.is_counting))
    capture = kit._TimedCapture(Capture(*cast(Any, [None] * 6)), spent)
    with spent.counted():
        capture._known(cast(Any, None), Modality.FINGER)
    assert counted == [False]


@pytest.mark.days
def test_a_demo_kit_is_a_kit_with_demo_people(tmp_path: Path) -> None:
    residents = grow(2, 5, SystemClock(WIB).today())
    with World(tmp_path, seed=5) as world:
        home = Home(tmp_path / "home")
        prepare(home, world, residents)
        spent = DeviceTime()
        door = DemoDoor(home, world.devices, residents, spent)
        try:
            assert door.sign().demo_pins == PINS
            with pytest.raises(VaultError, match="wrong_passphrase"):
                door.unlock(PETUGAS.user_id, PINS[LEAD.user_id])
            context = door.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])
            targets = context.visits.targets(ACTIVITY)
            assert [t.biodata.name for t in targets] == [r.biodata.name for r in residents]
            session = context.recording.open(targets[0].target_id)
            session = context.recording.give_notice(session.session_id, "id")
            session = context.recording.confirm_biodata(session.session_id, targets[0].biodata)
            taken = context.capture.take(session, StepKind.THUMBS, NoProgress(), NeverCancelled())
            assert len(taken.result.samples) == 2, "the devices do not see the person who is recorded"
            assert spent.seconds > 0
            manifests, receipts = write_proofs(
                tmp_path / "proofs", context.kit_certificate, world.data_center.folder, context.delivery.queue().entries
            )
            assert (manifests, receipts) == ([], [])
            assert {p.name for p in (tmp_path / "proofs").iterdir()} == {"ca.pem", "receipt.pub.pem"}
            factor, now = context.second_factor, int(context.clock.now().timestamp())
            factor.begin(TotpCodes().code_at(factor.offer().secret, now // 30))
            with pytest.raises(VaultError, match=r"factor\.wanted"):
                door.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])
            coded = door.enter_code(factor.fresh_spares[0])
            assert type(coded.recording) is type(context.recording), "the devices would not see who is recorded"
        finally:
            door.leave()
        prepare(home, world, residents)  # a prepared home stays as it is


@pytest.fixture
def application(qtbot: QtBot) -> Any:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(64, 48)
    window.show()
    cast(Any, window).navigation = SimpleNamespace(page=object())
    return SimpleNamespace(shell=window, bugs=[], presenter=object())


def test_where_a_screen_does_not_come_a_picture_stays(
    application: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "_PATIENCE_S", 0.05)
    worker = Hands(cast(Any, application), tmp_path / "pictures")
    with pytest.raises(KnownError) as caught:
        worker.wait("never", lambda: False)
    assert caught.value.problem.params == {"screen": "object", "what": "never"}
    assert [path.name for path in worker.screenshots] == ["001-macet.png"]
    assert worker.screenshots[0].stat().st_size > 0


def test_a_bug_of_the_program_ends_the_waiting(application: Any, tmp_path: Path) -> None:
    application.bugs.append(ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError, match="ours"):
        Hands(cast(Any, application), tmp_path).wait("never", lambda: False)


def test_ctrl_c_that_closed_the_window_ends_the_waiting(application: Any, tmp_path: Path) -> None:
    application.shell.navigation.page = None
    with pytest.raises(KeyboardInterrupt):
        Hands(cast(Any, application), tmp_path).wait("never", lambda: False)


def test_a_picture_is_taken_once_per_name(application: Any, tmp_path: Path) -> None:
    worker = Hands(cast(Any, application), tmp_path)
    worker.shoot("masuk")
    worker.shoot("masuk")
    assert worker.screenshots == [tmp_path / "001-masuk.png"]
    another = Hands(cast(Any, application), tmp_path)
    another.shoot("beranda")
    assert another.screenshots == [tmp_path / "002-beranda.png"]
