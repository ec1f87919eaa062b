"""The steps of a first start: what each key does where, and what is kept."""

from __future__ import annotations

import pytest
from support.first import SLIP, ListedFirstStart
from support.tasks import SameThread

from fieldkit.domain.errors import Problem, StoreError, TransferError
from fieldkit.domain.people import Slip
from fieldkit.ports.devices import Cancel, PreviewSink
from fieldkit.ports.first_start import Begun, Step, Strength
from ui.presenters.home.first_start import (
    AGAIN,
    CODE,
    FINGERPRINT,
    LANGUAGE,
    NAME,
    NEW,
    PIN,
    URL,
    USER,
    FirstStartPresenter,
)
from ui.presenters.home.first_start import SLIP as SLIP_FIELD
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.tasks import COMPUTE, STORE

CAMERA = "device:camera"
SECRET = "kunci lemari besi"
ADMIN = {USER: "ani", NAME: "Ani Wijaya", NEW: SECRET, AGAIN: SECRET}


class NotedFirstStart(ListedFirstStart):
    """Notes what was asked besides, and shows frames while it scans."""

    def __init__(self, step: Step = Step.LANGUAGE, slip: Slip | None = None, language: str = "") -> None:
        super().__init__()
        self.begun = Begun(step, language, slip) if slip else Begun(step, language)
        self.judged: list[tuple[str, tuple[str, ...]]] = []
        self.found: list[Slip] = []
        self.frames, self.reads = 0, 0
        self.kept: list[Begun] = []
        self.full = False

    def left(self) -> Begun:
        self.reads += 1
        return super().left()

    def keep(self, begun: Begun) -> None:
        self.kept.append(begun)
        super().keep(begun)

    def scan(self, preview: PreviewSink, cancel: Cancel) -> Slip | None:
        for _ in range(self.frames):
            preview.offer(b"jpeg")
        return super().scan(preview, cancel)

    def find(self, slip: Slip) -> None:
        self.found.append(slip)
        super().find(slip)

    def strength(self, passphrase: str, names: tuple[str, ...]) -> Strength:
        self.judged.append((passphrase, names))
        return super().strength(passphrase, names)


class Eyes:
    def offer(self, jpeg: bytes) -> None:
        pass


class Screen:
    def __init__(self, first: NotedFirstStart, *held: str) -> None:
        self.tasks, self.decided, self.spoken, self.back = SameThread(*held), list[bool](), list[str](), 0
        self.presenter = FirstStartPresenter(
            first, self.tasks, Eyes, "id", self.spoken.append, self.decided.append, self._ways_back
        )
        self.presenter.start()
        for executor in held:
            self.tasks.release(executor)

    def _ways_back(self) -> None:
        self.back += 1

    @property
    def texts(self) -> dict[str, str]:
        return {field.name: field.text for field in self.presenter.state.fields}

    @property
    def commands(self) -> list[str]:
        return [command.name for command in self.presenter.state.bar.actions]

    def fill(self, **texts: str) -> None:
        for name, text in texts.items():
            self.presenter.type(name, text)

    def wrong(self) -> dict[str, str]:
        fields = self.presenter.state.fields
        return {field.name: getattr(field.problem, "code", "") for field in fields if field.problem}


@pytest.mark.parametrize(
    ("step", "keyboard", "commands", "leaves"),
    [
        (Step.LANGUAGE, LANGUAGE, ["ways_back", "accept"], "common.close"),
        (Step.OFFICE, SLIP_FIELD, ["language", "ways_back", "scan", "accept"], "act.back"),
        (Step.ADMIN, USER, ["language", "accept"], "act.back"),
    ],
)
def test_each_step_has_its_fields_and_keys(step: Step, keyboard: str, commands: list[str], leaves: str) -> None:
    screen = Screen(NotedFirstStart(step))
    state = screen.presenter.state
    assert (state.wrong and state.wrong.name, screen.commands) == (keyboard, commands)
    assert state.bar.back is not None
    assert state.bar.back.words == message(leaves)
    assert state.title == message(f"awal.title_{step.value}", at=list(Step).index(step) + 1, of=3)


def test_where_the_admin_is_known_the_keyboard_stands_at_the_name() -> None:
    state = Screen(NotedFirstStart(Step.ADMIN, SLIP)).presenter.state
    assert state.wrong is not None
    assert state.wrong.name == NAME


def test_a_start_reads_once_and_what_was_typed_stays() -> None:
    first = NotedFirstStart(Step.OFFICE)
    screen = Screen(first)
    screen.fill(url="https://pusat")
    screen.presenter.start()
    assert (first.reads, screen.texts[URL]) == (1, "https://pusat")
    unread = FirstStartPresenter(first, SameThread(STORE), Eyes, "id", print, print, print)
    unread.start()
    for act in (unread.settle, unread.accept, unread.scan, lambda: unread.type(URL, "x")):
        act()
    assert (unread.state.stage, unread.state.photo, unread.state.fields) == (Stage.LOADING, None, ())


def test_only_what_changed_is_kept_and_nothing_while_it_works() -> None:
    first = NotedFirstStart(Step.OFFICE, SLIP, "id")
    screen = Screen(first, STORE)
    screen.presenter.settle()
    screen.tasks.release(STORE)
    before = len(first.kept)
    screen.presenter.settle()
    screen.fill(url="https://lain")
    screen.presenter.settle()
    screen.tasks.release(STORE)
    assert [begun.slip.url for begun in first.kept[before:]] == ["https://lain"]
    screen.presenter.accept()
    assert screen.presenter.state.stage is Stage.BUSY
    held = len(screen.tasks._held[STORE])
    screen.fill(url="https://x")
    for act in (screen.presenter.accept, screen.presenter.back, screen.presenter.scan, screen.presenter.settle):
        act()
    assert (len(screen.tasks._held[STORE]), screen.presenter.state.stage) == (held, Stage.BUSY)
    screen.tasks.release(STORE)
    assert [slip.url for slip in first.found] == ["https://lain"]
    assert (first.begun.step, screen.texts[USER]) == (Step.ADMIN, SLIP.admin)


@pytest.mark.parametrize(("name", "is_judged"), [(NEW, True), (NAME, True), (USER, True), (AGAIN, False), (PIN, False)])
def test_a_passphrase_is_judged_anew_with_the_names_beside_it(name: str, is_judged: bool) -> None:
    first = NotedFirstStart(Step.ADMIN, SLIP)
    screen = Screen(first)
    screen.presenter.type(name, "ani wijaya")
    assert bool(first.judged) == is_judged
    if is_judged:
        texts = {NEW: "", NAME: "", USER: "ani", name: "ani wijaya"}
        assert first.judged == [(texts[NEW], (texts[NAME], texts[USER]))]


@pytest.mark.parametrize(
    ("typed", "label", "is_weak"),
    [
        ("", "common.passphrase", False),
        ("p", "awal.new_1", False),
        ("passwor", "awal.new_1", False),
        ("password", "awal.new_1", True),
    ],
)
def test_a_weak_passphrase_is_told_once_it_is_eight_letters_long(typed: str, label: str, is_weak: bool) -> None:
    screen = Screen(NotedFirstStart(Step.ADMIN, SLIP))
    screen.presenter.type(NEW, typed)
    field = next(field for field in screen.presenter.state.fields if field.name == NEW)
    assert (field.label, bool(field.problem)) == (message(label), is_weak)
    assert [each.name for each in screen.presenter.state.fields if each.is_secret] == [NEW, AGAIN, PIN]


def test_a_late_strength_is_shown_only_of_what_stands_there_and_where_it_is_asked() -> None:
    first = NotedFirstStart(Step.ADMIN, SLIP)
    screen = Screen(first, COMPUTE)
    screen.presenter.type(NEW, "password")
    screen.presenter.type(NEW, SECRET)
    labels: list[object] = []
    screen.presenter.listen(lambda state: labels.append(state.fields[2].label if len(state.fields) > 2 else ""))
    screen.tasks.release(COMPUTE)
    assert labels[-1] == message("awal.new_4")
    assert message("awal.new_1") not in labels
    screen.presenter.type(NEW, "password")
    screen.presenter.back()
    before = screen.presenter.state
    screen.tasks.release(COMPUTE)
    assert screen.presenter.state is before


def test_what_was_typed_is_not_kept_behind_the_enrolment_that_it_belongs_to() -> None:
    first = NotedFirstStart(Step.ADMIN, SLIP, "id")
    screen = Screen(first, STORE)
    screen.fill(**ADMIN)
    screen.presenter.accept()
    screen.presenter.settle()
    assert len(screen.tasks._held[STORE]) == 1
    screen.tasks.release(STORE)
    assert screen.decided == [True]


def test_what_is_typed_takes_the_mark_from_its_field() -> None:
    screen = Screen(NotedFirstStart(Step.OFFICE))
    screen.presenter.accept()
    assert screen.wrong() == {URL: "awal.no_url"}
    screen.fill(code="ABCD")
    assert screen.wrong() == {}
    screen.presenter.accept()
    screen.presenter.back()
    screen.presenter.accept()
    assert screen.wrong() == {}


def test_the_slip_without_an_admin_leaves_who_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    first = NotedFirstStart(Step.OFFICE)
    screen = Screen(first)
    screen.presenter.type(USER, "budi")
    screen.presenter.type(SLIP_FIELD, Slip(SLIP.url, SLIP.code, SLIP.ca_fingerprint).line)
    screen.presenter.accept()
    assert (screen.texts[USER], first.begun.step) == ("budi", Step.ADMIN)


def test_the_slip_that_the_camera_sees_is_taken_and_the_office_looked_for() -> None:
    first = NotedFirstStart(Step.OFFICE)
    first.frames = 2
    screen = Screen(first, CAMERA)
    seen: list[bool] = []
    screen.presenter.listen(lambda state: seen.append(state.photo is not None and state.photo.is_live))
    screen.presenter.scan()
    screen.presenter.accept()  # nothing is done while the camera looks
    screen.tasks.release(CAMERA)
    assert any(seen)
    assert (first.found, screen.presenter.state.photo) == ([SLIP], None)
    assert (first.begun.step, screen.texts[USER]) == (Step.ADMIN, "ani")


def test_where_the_camera_finds_nothing_one_looks_again_or_goes_back() -> None:
    first = NotedFirstStart(Step.OFFICE)
    screen = Screen(first, CAMERA)
    first.scanned = None  # type: ignore[assignment]
    screen.presenter.scan()
    screen.tasks.release(CAMERA)
    assert (first.found, screen.commands) == ([], [])
    first.scanned = TransferError("device.not_connected")
    screen.presenter.scan()
    assert screen.commands == []
    screen.tasks.release(CAMERA)
    assert screen.commands == ["scan"]
    screen.presenter.back()
    first.frames, first.scanned = 1, SLIP
    screen.presenter.scan()
    screen.presenter.stop()
    screen.tasks.release(CAMERA)
    state = screen.presenter.state
    assert (first.found, state.photo and state.photo.is_live) == ([], False)


def test_a_first_start_that_cannot_be_read_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = NotedFirstStart()

    def unreadable() -> Begun:
        raise StoreError("store.unreadable")

    with monkeypatch.context() as patch:
        patch.setattr(first, "left", unreadable)
        screen = Screen(first)
        assert (screen.presenter.state.stage, screen.presenter.state.problem) == (
            Stage.ERROR,
            Problem("store.unreadable", recovery=screen.presenter.state.problem.recovery),  # type: ignore[union-attr]
        )
    screen.presenter.refresh()
    assert screen.presenter.state.stage is Stage.CONTENT


@pytest.mark.parametrize("missing", [URL, CODE, FINGERPRINT])
def test_each_line_of_the_slip_is_wanted(missing: str) -> None:
    screen = Screen(NotedFirstStart(Step.OFFICE, SLIP))
    screen.presenter.type(missing, " ")
    screen.presenter.accept()
    assert list(screen.wrong()) == [missing]
    state = screen.presenter.state
    assert (state.wrong and state.wrong.name, state.problem) == (missing, None)


def test_the_first_admin_may_be_kept_from_an_earlier_start() -> None:
    first = NotedFirstStart(Step.ADMIN, SLIP)
    assert Screen(first).texts[USER] == "ani"
    first.begun = Begun(Step.ADMIN, "id", SLIP, "budi", "Budi")
    screen = Screen(first)
    assert (screen.texts[USER], screen.texts[NAME]) == ("budi", "Budi")
    screen.fill(**ADMIN)
    screen.fill(**{AGAIN: "lain"})
    screen.presenter.accept()
    assert (first.enrolled, screen.decided) == ([], [])
    screen.fill(**{AGAIN: SECRET})
    screen.presenter.accept()
    assert screen.decided == [True]
