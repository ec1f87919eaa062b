"""When the screen locks and what opens it; the reader is a list of what the test says."""

from __future__ import annotations

import pytest
from support.app_context import PIN, Kit, OpenDoor
from support.finger_reader import FingerReader
from support.tasks import SameThread

from fieldkit.domain.errors import Problem, VaultError
from ui.presenters.people.lock import UNLOCK, FingerAtLock, FingerLesson, ScreenLock
from ui.presenters.presenter import Message, message
from ui.presenters.tasks import STORE


class Screen:
    """A lock with what it told."""

    def __init__(self, kit: Kit, finger: FingerReader | None = None, *held: str) -> None:
        self.heard, self.now, self.tasks = list[object](), 0.0, SameThread(*held)
        at_lock = None
        if finger is not None:
            at_lock = FingerAtLock(finger, self.tasks, offer=self.heard.append, refuse=self._refuse)  # type: ignore[arg-type]
        self.lock = ScreenLock(
            OpenDoor(kit.context),
            self.tasks,
            cover=lambda: self.heard.append("cover"),
            uncover=lambda: self.heard.append("uncover"),
            refuse=self._refuse,
            sign_out=lambda why: self.heard.append(("sign out", why.code)),
            finger=at_lock,
            monotonic=lambda: self.now,
        )

    def _refuse(self, problem: Problem) -> None:
        self.heard.append(problem.code)


def test_what_is_locked_is_covered_once_and_what_is_open_is_not_uncovered(idle: Kit) -> None:
    screen = Screen(idle)
    screen.lock.stop()
    screen.lock.start()
    screen.lock.lock()
    screen.lock.lock()
    screen.lock.stop()
    screen.lock.stop()
    assert screen.heard == ["cover", "uncover"]
    assert [timer.is_stopped for timer in screen.tasks.timers] == [True]


def test_the_time_of_idleness_begins_when_the_lock_begins_to_watch(idle: Kit) -> None:
    screen = Screen(idle)
    screen.now = 1_000.0
    screen.lock.start()
    screen.tasks.tick()
    assert screen.heard == []


def test_what_the_pin_opened_waits_for_no_finger_any_more(idle: Kit) -> None:
    for leave in (lambda screen: screen.lock.try_pin(PIN), lambda screen: screen.lock.stop()):
        screen = Screen(idle, FingerReader(is_ready=True), UNLOCK)
        screen.lock.lock()
        leave(screen)
        screen.tasks.release(UNLOCK)
        assert screen.heard == ["cover", "uncover"]


@pytest.mark.parametrize(
    ("code", "heard", "is_tried_again"),
    [
        ("unlock.wrong_finger", ["unlock.wrong_finger"], True),
        ("unlock.finger_exhausted", ["unlock.finger_exhausted"], False),
        ("device.timed_out", [], True),
    ],
)
def test_only_a_wrong_finger_is_told_and_a_spent_one_is_not_awaited(
    idle: Kit, code: str, heard: list[str], is_tried_again: bool
) -> None:
    finger = FingerReader(is_ready=True)
    finger.refusal = VaultError(code)
    screen = Screen(idle, finger)
    screen.lock.lock()
    assert screen.heard == ["cover", True, *heard]
    assert any(not timer.is_stopped for timer in screen.tasks.timers) == is_tried_again
    finger.refusal = None
    screen.tasks.tick()
    assert (screen.heard[-1] == "uncover") == is_tried_again


def test_a_reader_that_is_not_ready_is_asked_again(idle: Kit) -> None:
    finger = FingerReader(is_learnt=True)
    screen = Screen(idle, finger)
    screen.lock.lock()
    assert screen.heard == ["cover", False]
    finger.is_ready = True
    screen.tasks.tick()
    assert screen.heard[2:] == [True, "uncover"]


class Lesson:
    """A lesson with what it told."""

    def __init__(self, finger: FingerReader, *held: str) -> None:
        self.told, self.failed, self.tasks = list[Message](), list[str](), SameThread(*held)
        self.details: list[Message] = []
        self.lesson = FingerLesson(
            finger,  # type: ignore[arg-type]
            self.tasks,
            self._changed,
            lambda problem: self.failed.append(problem.code),
            lambda: None,
            lambda: None,
        )
        self.lesson.look()

    def _changed(self, words: Message) -> None:
        self.told.append(words)
        progress = self.lesson.progress
        self.details += [progress.detail] if progress else []


@pytest.mark.parametrize(
    ("is_learnt", "has_reader", "words", "refused"),
    [
        (False, False, [], []),
        (False, True, [message("perangkat.finger_learn")], ["busy"]),
        (True, False, [message("perangkat.finger_forget")], [""]),
        (True, True, [message("perangkat.finger_forget")], [""]),
    ],
)
def test_a_finger_is_learnt_where_there_is_a_reader_and_forgotten_anywhere(
    is_learnt: bool, has_reader: bool, words: list[Message], refused: list[str]
) -> None:
    lesson = Lesson(FingerReader(is_learnt=is_learnt, has_reader=has_reader))
    lesson.lesson.look()
    actions = lesson.lesson.actions("busy")
    assert ([action.words for action in actions], [action.refused for action in actions]) == (words, refused)
    assert lesson.told == ([""] if is_learnt or has_reader else []), "what is as it was is not told again"


def test_a_finger_is_awaited_once_and_told_when_it_is_learnt_or_forgotten() -> None:
    finger = FingerReader(has_reader=True)
    lesson = Lesson(finger, UNLOCK)
    assert lesson.lesson.progress is None
    lesson.lesson.begin()
    lesson.lesson.begin()
    assert lesson.lesson.progress is not None
    assert len(lesson.tasks._held[UNLOCK]) == 1
    lesson.tasks.release(UNLOCK)
    lesson.lesson.begin()
    assert lesson.told == [
        "",
        "",
        message("perangkat.finger_learnt"),
        message("perangkat.finger_forgotten"),
    ]
    lesson.lesson.begin()
    lesson.lesson.stop()
    lesson.tasks.release(UNLOCK)
    assert (finger.is_learnt, lesson.lesson.progress) == (False, None)


def test_the_impression_that_is_awaited_is_shown() -> None:
    finger = FingerReader(has_reader=True)
    lesson = Lesson(finger, UNLOCK)
    finger.impressions = 3
    for _ in range(2):  # the second time from the first impression again
        lesson.lesson.begin()
        lesson.tasks.release(UNLOCK)
        lesson.lesson.begin()  # forgets it
    awaited = [message("perangkat.finger_impression", number=number, of=3) for number in (1, 2, 3)]
    assert lesson.details == [message("perangkat.finger_twice"), *awaited] * 2


def test_a_store_that_cannot_tell_of_a_finger_leaves_it_unsaid() -> None:
    finger = FingerReader(has_reader=True)
    lesson = Lesson(finger, STORE)
    lesson.tasks.release(STORE)
    finger.is_learnt, finger.refusal = True, VaultError("store.damaged")
    lesson.lesson.look()
    lesson.tasks.release(STORE)
    lesson.lesson.begin()
    lesson.tasks.release(STORE)
    assert (lesson.failed, finger.is_learnt) == (["store.damaged"], True)
