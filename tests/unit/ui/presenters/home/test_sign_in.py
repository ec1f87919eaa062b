from __future__ import annotations

from datetime import timedelta

import pytest
from support.app_context import KETUA, PASSPHRASE, PENGURUS, PETUGAS, PIN, Kit, OpenDoor
from support.tasks import SameThread

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.trusted_time import ClockState, ClockVerdict
from fieldkit.services.context.app_context import AppContext, DoorSign
from ui.presenters.home.sign_in import SignInPresenter, StartProblemPresenter
from ui.presenters.parts import Stage
from ui.presenters.presenter import Message, message


@pytest.fixture
def door(kit: Kit) -> OpenDoor:
    return OpenDoor(kit.context)


@pytest.fixture
def entered() -> list[AppContext]:
    return []


def opened(door: OpenDoor, tasks: SameThread, entered: list[AppContext]) -> SignInPresenter:
    presenter = SignInPresenter(door, tasks, entered.append)
    presenter.start()
    return presenter


def test_the_first_name_is_chosen_and_the_demo_tells_its_pin(door: OpenDoor, tasks: SameThread, entered) -> None:
    state = opened(door, tasks, entered).state
    assert [choice.words for choice in state.people] == [PETUGAS.name, KETUA.name, PENGURUS.name]
    assert (state.chosen, state.demo_pin) == (PETUGAS.user_id, PIN)


def test_the_names_stand_before_anything_is_painted(door: OpenDoor, entered) -> None:
    presenter = SignInPresenter(door, SameThread("compute", "store"), entered.append)
    assert presenter.state.stage is Stage.CONTENT
    assert [choice.words for choice in presenter.state.people] == [PETUGAS.name, KETUA.name, PENGURUS.name]


def test_a_real_kit_tells_no_pin(door: OpenDoor, tasks: SameThread, entered) -> None:
    door.demo_pins = {}
    assert opened(door, tasks, entered).state.demo_pin == ""


def test_arrows_stop_at_both_ends(door: OpenDoor, tasks: SameThread, entered) -> None:
    presenter = opened(door, tasks, entered)
    presenter.choose_next(-1)
    assert presenter.state.chosen == PETUGAS.user_id
    for _ in range(5):
        presenter.choose_next(1)
    assert presenter.state.chosen == PENGURUS.user_id


def test_a_first_letter_goes_to_the_next_name_that_has_it(door: OpenDoor, tasks: SameThread, entered) -> None:
    presenter = opened(door, tasks, entered)
    presenter.choose_by_letter("S")  # Bagus Santoso before Sri Handayani
    assert presenter.state.chosen == KETUA.user_id
    presenter.choose_by_letter("s")
    assert presenter.state.chosen == PENGURUS.user_id
    presenter.choose_by_letter("S")
    assert presenter.state.chosen == KETUA.user_id
    presenter.choose_by_letter("Q")
    assert presenter.state.chosen == KETUA.user_id


def test_the_right_passphrase_opens_the_context_of_who_was_chosen(door: OpenDoor, tasks: SameThread, entered) -> None:
    presenter = opened(door, tasks, entered)
    presenter.choose(KETUA.user_id)
    presenter.enter(PASSPHRASE)
    assert entered[0].user == KETUA
    assert presenter.state.clear_serial == 1


def test_a_wrong_one_says_how_many_tries_are_left_and_empties_the_field(
    door: OpenDoor, tasks: SameThread, entered
) -> None:
    presenter = opened(door, tasks, entered)
    presenter.enter("salah")
    assert presenter.state.wrong is not None
    assert (presenter.state.wrong.code, presenter.state.wrong.params) == ("vault.wrong_passphrase", {"left": 4})
    assert (presenter.state.stage, presenter.state.clear_serial, entered) == (Stage.CONTENT, 1, [])
    presenter.choose(KETUA.user_id)
    assert presenter.state.wrong is None


def test_an_empty_passphrase_and_a_second_enter_do_nothing(door: OpenDoor, entered) -> None:
    tasks = SameThread("store")
    presenter = opened(door, tasks, entered)
    presenter.enter("")
    assert presenter.state.stage is Stage.CONTENT
    presenter.enter(PASSPHRASE)
    assert presenter.state.stage is Stage.BUSY
    presenter.enter(PASSPHRASE)
    tasks.release("store")
    assert len(entered) == 1


def test_a_kit_without_users_says_who_helps(door: OpenDoor, tasks: SameThread, entered) -> None:
    door.people = ()
    assert opened(door, tasks, entered).state.stage is Stage.EMPTY


def test_a_door_that_tells_nothing_is_a_problem_until_it_tells(
    door: OpenDoor, tasks: SameThread, entered, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable() -> DoorSign:
        raise StoreError("store.unreadable")

    with monkeypatch.context() as patch:
        patch.setattr(door, "sign", unreadable)
        presenter = opened(door, tasks, entered)
        assert presenter.state.stage is Stage.ERROR
    presenter.start()
    assert (presenter.state.stage, presenter.state.problem) == (Stage.CONTENT, None)


def test_a_second_factor_is_asked_for_after_the_passphrase(door: OpenDoor, tasks: SameThread, entered) -> None:
    door.codes = ["246802"]
    presenter = opened(door, tasks, entered)
    presenter.choose(KETUA.user_id)
    presenter.enter(PASSPHRASE)
    assert (presenter.state.asks_code, presenter.state.wrong, entered) == (True, None, [])
    presenter.enter("111111")
    assert presenter.state.asks_code
    assert presenter.state.wrong is not None
    assert presenter.state.wrong.code == "factor.wrong"
    presenter.enter("246802")
    assert [context.user for context in entered] == [KETUA]
    assert not presenter.state.asks_code


def test_from_the_code_one_comes_back_to_the_passphrase(door: OpenDoor, tasks: SameThread, entered) -> None:
    door.codes = ["246802"]
    presenter = opened(door, tasks, entered)
    for leave in (presenter.begin_again, lambda: presenter.choose(KETUA.user_id)):
        presenter.enter(PASSPHRASE)
        assert presenter.state.bar.back is not None
        serial = presenter.state.clear_serial
        leave()
        assert (presenter.state.asks_code, presenter.state.bar.back) == (False, None)
        assert presenter.state.clear_serial > serial  # half a code is no passphrase
    presenter.begin_again()
    assert entered == []


@pytest.mark.parametrize(
    ("code", "told", "asks_code"),
    [
        ("vault.wrong_passphrase", "vault.wrong_passphrase", False),
        ("store.disk_full", "mulai.disk_full_outside", False),
        ("factor.wanted", "", True),
        ("factor.wrong", "factor.wrong", True),
    ],
)
def test_each_refusal_says_where_it_goes_on(
    door: OpenDoor, tasks: SameThread, entered, monkeypatch: pytest.MonkeyPatch, code: str, told: str, asks_code: bool
) -> None:
    def refuse(*_: object) -> AppContext:
        raise StoreError(code)

    monkeypatch.setattr(door, "unlock", refuse)
    presenter = opened(door, tasks, entered)
    presenter.enter(PASSPHRASE)
    assert (presenter.state.wrong.code if presenter.state.wrong else "") == told
    assert (presenter.state.asks_code, presenter.state.bar.back is not None) == (asks_code, asks_code)


def test_while_it_is_opened_nothing_begins_again(door: OpenDoor, entered) -> None:
    tasks = SameThread("store")
    door.codes = ["246802"]
    presenter = opened(door, tasks, entered)
    presenter.enter(PASSPHRASE)
    tasks.release("store")
    presenter.enter("246802")
    presenter.begin_again()
    assert presenter.state.asks_code
    tasks.release("store")
    assert len(entered) == 1


def test_who_was_chosen_stays_chosen_while_they_are_there(door: OpenDoor, tasks: SameThread, entered) -> None:
    presenter = opened(door, tasks, entered)
    presenter.choose(KETUA.user_id)
    serial = presenter.state.clear_serial
    presenter.start()
    assert (presenter.state.chosen, presenter.state.clear_serial) == (KETUA.user_id, serial)
    door.people = (PETUGAS, PENGURUS)
    presenter.start()
    assert presenter.state.chosen == PETUGAS.user_id


def test_the_ways_back_are_offered_where_there_are_some(door: OpenDoor, tasks: SameThread, entered) -> None:
    for ways_back, names in ((None, []), (lambda: None, ["ways_back"])):
        for door.people in ((PETUGAS,), ()):
            presenter = SignInPresenter(door, tasks, entered.append, ways_back)
            wanted = [*names, "language", "help", "accept"] if door.people else names
            assert [command.name for command in presenter.state.bar.actions] == wanted
    presenter.choose_next(1)
    assert presenter.state.chosen == "", "nobody is there to be chosen"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (None, ""),
        (ClockVerdict(ClockState.FINE, timedelta(0)), ""),
        (ClockVerdict(ClockState.BEHIND, timedelta(days=3)), message("waktu.notice_behind_days", count=3)),
    ],
)
def test_a_clock_that_is_off_is_said_before_anybody_signs_in(
    door: OpenDoor,
    tasks: SameThread,
    entered,
    monkeypatch: pytest.MonkeyPatch,
    verdict: ClockVerdict | None,
    words: Message,
) -> None:
    sign = door.sign()._replace(clock=verdict)
    monkeypatch.setattr(door, "sign", lambda: sign)
    assert opened(door, tasks, entered).state.clock == words


def test_a_kit_that_never_met_the_data_center_says_so(
    door: OpenDoor, tasks: SameThread, entered, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = door.sign()
    assert opened(door, tasks, entered).state.last_sync == message("masuk.last_sync", at="21-11-2026 02.00")
    monkeypatch.setattr(door, "sign", lambda: sign._replace(last_sync_at=None))
    assert opened(door, tasks, entered).state.last_sync == message("masuk.never")


def test_it_is_tried_again_or_closed() -> None:
    decided: list[bool] = []
    presenter = StartProblemPresenter(Problem("store.in_use"), decided.append, lambda: None)
    assert presenter.state.stage is Stage.ERROR
    presenter.accept()
    presenter.back()
    assert decided == [True, False]


def test_where_a_kit_is_missing_it_can_be_brought_back() -> None:
    went: list[bool] = []
    for code, count in (
        ("store.in_use", 0),
        ("kit.not_enrolled", 1),
        ("vault.slots_damaged", 2),
        ("vault.slots_missing", 3),
    ):
        presenter = StartProblemPresenter(Problem(code), lambda _: None, lambda: went.append(True))
        for command in presenter.state.bar.actions:
            if command.name == "ways_back":
                presenter.perform(command)
        assert len(went) == count, code
