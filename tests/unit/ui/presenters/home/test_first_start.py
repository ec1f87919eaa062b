from __future__ import annotations

import pytest
from support.first import SLIP, ListedFirstStart
from support.tasks import SameThread

from fieldkit.domain.errors import InputError, StoreError, TransferError
from fieldkit.ports.devices import NotConnectedError
from fieldkit.ports.first_start import Begun, Step
from ui.presenters.home.first_start import (
    AGAIN,
    CODE,
    FACTOR,
    FINGERPRINT,
    LANGUAGE,
    LATER,
    NAME,
    NEW,
    NOW,
    PIN,
    URL,
    USER,
    FirstStartPresenter,
)
from ui.presenters.home.first_start import SLIP as SLIP_FIELD
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.tasks import COMPUTE

SECRET = "kunci lemari besi"


class Eyes:
    def offer(self, jpeg: bytes) -> None:
        pass


class Screen:
    def __init__(self, first: ListedFirstStart, tasks: SameThread | None = None) -> None:
        self.spoken: list[str] = []
        self.decided: list[bool] = []
        self.presenter = FirstStartPresenter(
            *(first, tasks or SameThread(), Eyes, "id", self.spoken.append, self.decided.append), lambda: None
        )
        self.presenter.start()

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.presenter.state.fields]

    def fill(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            self.presenter.type(name, text)

    def wrong(self) -> dict[str, str]:
        fields = self.presenter.state.fields
        return {field.name: getattr(field.problem, "code", "") for field in fields if field.problem}


@pytest.fixture
def first() -> ListedFirstStart:
    return ListedFirstStart()


def at_admin(first: ListedFirstStart) -> Screen:
    first.begun = Begun(Step.ADMIN, "id", SLIP)
    return Screen(first)


def test_the_language_is_spoken_as_soon_as_it_is_chosen(first: ListedFirstStart) -> None:
    screen = Screen(first)
    assert screen.names == [LANGUAGE]
    screen.presenter.type(LANGUAGE, "en")
    screen.presenter.accept()
    assert screen.spoken == ["en"]
    assert first.begun == Begun(Step.OFFICE, "en")


def test_a_pasted_slip_fills_its_lines_and_names_the_admin(first: ListedFirstStart) -> None:
    first.begun = Begun(Step.OFFICE)
    screen = Screen(first)
    screen.presenter.type(SLIP_FIELD, SLIP.line)
    screen.presenter.accept()
    assert screen.names == [USER, NAME, NEW, AGAIN, PIN, FACTOR]
    assert screen.presenter.state.fields[0].text == "ani"
    assert (first.begun.step, first.begun.slip, first.begun.admin) == (Step.ADMIN, SLIP, "ani")
    screen.presenter.back()
    assert [field.text for field in screen.presenter.state.fields[1:]] == [SLIP.url, SLIP.code, SLIP.ca_fingerprint]


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ({}, {URL: "awal.no_url"}),
        ({URL: SLIP.url}, {CODE: "awal.no_code"}),
        ({URL: SLIP.url, CODE: SLIP.code}, {FINGERPRINT: "awal.no_fingerprint"}),
        ({SLIP_FIELD: "/media/usb/kosong.txt"}, {SLIP_FIELD: "awal.no_slip_there"}),
    ],
)
def test_what_is_missing_of_the_slip_is_said_at_its_field(
    first: ListedFirstStart, texts: dict[str, str], wrong: dict[str, str]
) -> None:
    first.begun = Begun(Step.OFFICE)
    screen = Screen(first)
    screen.fill(texts)
    screen.presenter.accept()
    assert screen.wrong() == wrong


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("sync.ca_fingerprint", FINGERPRINT),
        ("sync.unreachable", URL),
        ("sync.address_wrong", URL),
        ("sync.clock_or_certificate", ""),
    ],
)
def test_why_the_office_is_not_found_is_said(first: ListedFirstStart, code: str, place: str) -> None:
    first.begun = Begun(Step.OFFICE, "id", SLIP)
    first.refusals = [TransferError(code)]
    screen = Screen(first)
    screen.presenter.accept()
    told = screen.wrong() or {"": screen.presenter.state.problem.code}
    assert told == {place: code}
    screen.presenter.accept()  # nothing has to be typed again
    assert screen.names[0] == USER


def test_a_kill_goes_on_where_it_was_without_the_passphrase(first: ListedFirstStart) -> None:
    screen = at_admin(first)
    screen.fill({USER: "ani", NAME: "Ani Wijaya", NEW: SECRET})
    screen.presenter.settle()
    assert SECRET not in repr(first.begun)
    again = Screen(first)
    assert {field.name: field.text for field in again.presenter.state.fields}[NAME] == "Ani Wijaya"
    assert {field.name: field.text for field in again.presenter.state.fields}[NEW] == ""


def test_the_strength_is_told_while_it_is_typed(first: ListedFirstStart) -> None:
    screen = at_admin(first)
    screen.presenter.type(NEW, "pass")
    label = {field.name: field.label for field in screen.presenter.state.fields}
    assert (label[NEW], screen.wrong()) == (message("awal.new_1"), {})  # nobody is scolded at the fourth letter
    screen.presenter.type(NEW, "password")
    assert screen.wrong() == {NEW: "vault.passphrase_common"}
    screen.presenter.type(NEW, SECRET)
    assert screen.presenter.state.fields[2].label == message("awal.new_4")


def test_a_key_leaves_the_keyboard_where_it_is(first: ListedFirstStart) -> None:
    screen = at_admin(first)
    begun = screen.presenter.state.wrong
    screen.presenter.type(NAME, "Ani")
    assert begun is not None
    assert (begun.name, screen.presenter.state.wrong) == (NAME, begun)


def test_the_admin_is_checked_before_the_slip_is_used(first: ListedFirstStart) -> None:
    screen = at_admin(first)
    screen.fill({USER: "ani", NEW: SECRET, AGAIN: SECRET})
    screen.presenter.accept()
    assert screen.wrong() == {NAME: "awal.no_name"}
    screen.fill({NAME: "Ani Wijaya", AGAIN: "lain"})
    screen.presenter.accept()
    assert (screen.wrong(), first.enrolled) == ({AGAIN: "account.differs"}, [])


def test_what_is_wrong_stays_marked_when_the_strength_is_known_later(first: ListedFirstStart) -> None:
    first.begun, tasks = Begun(Step.ADMIN, "id", SLIP), SameThread(COMPUTE)
    screen = Screen(first, tasks)
    screen.fill({USER: "ani", NAME: "Ani Wijaya", NEW: SECRET, AGAIN: "lain"})
    screen.presenter.accept()
    tasks.release(COMPUTE)
    assert screen.wrong() == {AGAIN: "account.differs"}
    screen.fill({AGAIN: SECRET})
    assert screen.wrong() == {}


@pytest.mark.parametrize(
    ("refusal", "place", "step"),
    [
        (TransferError("sync.enrol_code_wrong"), CODE, Step.OFFICE),
        (TransferError("sync.enrol_code_expired"), CODE, Step.OFFICE),
        (TransferError("sync.enrol_admin_differs"), USER, Step.ADMIN),
        (InputError("vault.passphrase_common").at("new"), NEW, Step.ADMIN),
        (TransferError("sync.connection_lost"), "", Step.ADMIN),
    ],
)
def test_each_refusal_stands_at_its_field_and_the_same_slip_is_tried_again(
    first: ListedFirstStart, refusal: InputError | TransferError, place: str, step: Step
) -> None:
    screen = at_admin(first)
    screen.fill({USER: "ani", NAME: "Ani Wijaya", NEW: SECRET, AGAIN: SECRET})
    first.refusals = [refusal]
    screen.presenter.accept()
    told = screen.wrong() or {"": screen.presenter.state.problem.code}
    assert (told, first.begun.step) == ({place: refusal.code}, Step.ADMIN)
    assert (screen.names[0] == SLIP_FIELD) is (step is Step.OFFICE)
    for _ in range(2 if step is Step.OFFICE else 1):
        screen.presenter.accept()
    assert screen.decided == [True]
    ((slip, admin),) = first.enrolled
    assert (slip, admin.passphrase) == (SLIP, SECRET)


def test_a_second_factor_is_offered_and_may_wait(first: ListedFirstStart) -> None:
    for chosen in ("", NOW):
        screen = at_admin(first)
        offered = screen.presenter.state.fields[-1]
        assert (offered.text, [choice.name for choice in offered.choices]) == (LATER, [LATER, NOW])
        screen.fill({USER: "ani", NAME: "Ani Wijaya", NEW: SECRET, AGAIN: SECRET, **({FACTOR: NOW} if chosen else {})})
        screen.presenter.accept()
    assert [admin.wants_code for _slip, admin in first.enrolled] == [False, True]


def test_the_camera_is_put_away_by_esc(first: ListedFirstStart) -> None:
    first.begun = Begun(Step.OFFICE)
    tasks = SameThread("device:camera")
    screen = Screen(first, tasks)
    screen.presenter.scan()
    assert screen.presenter.state.photo is not None
    screen.presenter.back()
    tasks.release("device:camera")  # what it found comes too late
    assert (screen.names[0], screen.presenter.state.photo) == (SLIP_FIELD, None)
    first.scanned = NotConnectedError("device.not_connected", address="/dev/video0")
    screen.presenter.scan()
    tasks.release("device:camera")
    assert screen.presenter.state.photo.away
    screen.presenter.back()
    screen.presenter.back()
    screen.presenter.back()
    assert screen.decided == [False]


def test_what_cannot_be_kept_is_said(first: ListedFirstStart, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_begun: Begun) -> None:
        raise StoreError("store.disk_full")

    monkeypatch.setattr(first, "keep", full)
    screen = Screen(first)
    screen.presenter.accept()
    state = screen.presenter.state
    assert (state.stage, screen.names[0]) == (Stage.CONTENT, SLIP_FIELD)
    assert state.problem is not None
    assert state.problem.code == "store.disk_full"
