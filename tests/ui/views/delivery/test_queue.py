from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from PySide6.QtCore import Qt
from support.app_context import TARGETS

from fieldkit.domain.errors import Problem, Recovery
from ui.presenters.lists import Hint, Numbers
from ui.presenters.presenter import message
from ui.widgets.bars import BottomBar


@pytest.fixture
def queue(window, kit):
    for number, target in enumerate(TARGETS):
        kit.seal(number + 1, target, timedelta(hours=50 - 7 * number))
    kit.outbox.quarantine("0199-0003", "sync.too_large")
    kit.apply("0199-0001", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
    kit.apply("0199-0002", "DUPLICATE_RECORD")
    window.sign_in()
    window.press(Qt.Key.Key_3)
    window.reach("Queue")
    return window


def panels(queue, kind) -> list:
    return [panel for panel in queue.view.state.panels if isinstance(panel, kind)]


def about_record(queue) -> list:
    return [panel for panel in panels(queue, Hint) if isinstance(panel.title, Problem)]


def sending(queue) -> bool:
    return queue.program.signed_in().sending.is_running


def test_one_key_sends_everything_and_says_so(queue, kit, shoot) -> None:
    shoot("queue")
    queue.press(Qt.Key.Key_Return)
    queue.wait(lambda: not sending(queue) and queue.view.state.toast is not None)
    queue.wait(lambda: panels(queue, Numbers)[0].numbers[1].value == "6")
    shoot("queue-sent")
    assert kit.context.delivery.queue().unsent == 1


@pytest.mark.days
def test_progress_runs_while_the_window_stays_alive_and_only_its_own_key_pauses(queue, kit, shoot) -> None:
    go_on, halfway = Event(), Event()

    def between() -> None:
        if kit.clock.now().second >= 8:
            halfway.set()
            go_on.wait()

    kit.center.between = between
    queue.press(Qt.Key.Key_Return)
    queue.wait(halfway.is_set)
    queue.wait(lambda: queue.view.state.progress is not None and bool(queue.view.state.progress.detail))
    shoot("queue-sending")
    queue.press(Qt.Key.Key_Return)
    assert not queue.program.signed_in().sending.is_stopping
    chord(queue, Qt.Key.Key_Period)
    shoot("queue-stopping")
    assert queue.view.state.bar.actions[-1].refused
    go_on.set()
    queue.wait(lambda: not sending(queue))
    assert queue.program.signed_in().sending.report.is_cancelled


@pytest.mark.days
def test_leaving_while_it_sends_stops_nothing(queue, kit) -> None:
    go_on, halfway = Event(), Event()
    kit.center.between = lambda: (halfway.set(), go_on.wait())
    queue.press(Qt.Key.Key_Return)
    queue.wait(halfway.is_set)
    queue.press(Qt.Key.Key_Escape)
    queue.reach("Home")
    go_on.set()
    queue.wait(lambda: not sending(queue))
    assert kit.context.delivery.queue().unsent == 1


@pytest.mark.days
def test_a_run_that_was_stopped_tells_what_is_safe(queue, kit, shoot) -> None:
    kit.center.stopped_by = Problem("sync.unreachable", recovery=Recovery.RETRY)
    queue.press(Qt.Key.Key_Return)
    queue.wait(lambda: queue.view.state.problem is not None)
    shoot("queue-offline")


@pytest.mark.days
def test_a_held_record_tells_why_beside_the_list(queue, shoot) -> None:
    queue.press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    shoot("queue-held")
    assert about_record(queue)[0].title == Problem("sync.too_large")


@pytest.mark.days
def test_b_is_the_report_and_other_letters_search(queue) -> None:
    queue.type("kar")
    queue.wait(lambda: queue.view.state.rows.count == 1)
    queue.press(Qt.Key.Key_Escape, Qt.Key.Key_Down)
    queue.wait(lambda: queue.view.state.rows.count == 7)
    queue.press(Qt.Key.Key_B)
    queue.reach("Paper")


@pytest.mark.days
def test_an_empty_queue_says_what_comes_next(window, shoot) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_3)
    window.wait(lambda: window.name == "Queue" and window.view.state.nothing.title == message("kirim.empty"))
    shoot("queue-empty")


def to_held(queue) -> None:
    queue.press(Qt.Key.Key_Down, Qt.Key.Key_Down)
    queue.wait(lambda: bool(about_record(queue)))


def chord(queue, key: Qt.Key) -> None:
    queue.press(key, to=Qt.KeyboardModifier.ControlModifier)


@pytest.mark.days
def test_a_held_record_is_set_aside_with_a_reason_and_taken_back(queue, kit, shoot) -> None:
    to_held(queue)
    shoot("queue-held-actions")
    chord(queue, Qt.Key.Key_E)
    queue.reach("Form")
    queue.wait(lambda: bool(queue.view.state.fields))
    queue.type("warga direkam ulang")
    shoot("queue-set-aside")
    queue.press(Qt.Key.Key_Return)
    queue.reach("Queue")
    queue.wait(lambda: kit.context.delivery.why_aside("0199-0003") == "warga direkam ulang")
    queue.wait(lambda: about_record(queue)[0].words == message("kirim.why_aside", reason="warga direkam ulang"))
    shoot("queue-aside")
    queue.press(Qt.Key.Key_F5, to=Qt.KeyboardModifier.ShiftModifier)
    queue.wait(lambda: kit.context.delivery.entry("0199-0003").state.value == "queued")


@pytest.mark.days
def test_a_held_record_goes_to_a_stick(queue, kit, shoot) -> None:
    to_held(queue)
    chord(queue, Qt.Key.Key_U)
    queue.reach("Form")
    queue.wait(lambda: bool(queue.view.state.fields))
    shoot("stick-record")
    queue.press(Qt.Key.Key_Return)
    queue.wait(lambda: queue.view.state.toast is not None)
    assert kit.sticks.carried == [("/media/rina/KINGSTON", ("0199-0003",))]
    queue.press(Qt.Key.Key_Escape)
    queue.reach("Queue")


@pytest.mark.days
def test_u_backs_everything_up(queue, kit, shoot) -> None:
    queue.press(Qt.Key.Key_U)
    queue.reach("Form")
    queue.wait(lambda: bool(queue.view.state.fields))
    shoot("stick")
    queue.press(Qt.Key.Key_Return)
    queue.wait(lambda: queue.view.state.toast is not None)
    shoot("stick-done")
    assert kit.sticks.backed_up
    queue.press(Qt.Key.Key_Escape)
    queue.reach("Queue")
    queue.wait(lambda: panels(queue, Hint)[0].words == "")
    shoot("queue-backed-up")


@pytest.mark.days
def test_the_bar_fits_a_small_window(queue) -> None:
    queue.shell.resize(1024, 700)
    for language in ("en", "id"):
        queue.theming.catalog.choose(language)
        queue.press(Qt.Key.Key_Down)
        assert queue.shell.findChild(BottomBar).minimumSizeHint().width() <= 1024, language
