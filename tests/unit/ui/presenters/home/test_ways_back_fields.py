"""What each way back asks, and what is searched when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.tasks import SameThread
from support.ways import ADMIN, RINA, STICK, ListedWays

from fieldkit.domain.errors import InputError
from fieldkit.ports.exchange import Drive, Way
from ui.presenters.delivery.stick_work import DRIVE, PLACE
from ui.presenters.home.ways_back import BACKUP, PASSPHRASE, WAY, WHO, WaysBackPresenter, name_of
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.tasks import STICK as STICK_LANE
from ui.presenters.tasks import STORE

RESTORE, ELSEWHERE = Way.RESTORE, "/media/rina/LAIN"


class NotedWays(ListedWays):
    """Notes where backups were looked for."""

    def __init__(self, *ways: Way) -> None:
        super().__init__(*ways)
        self.searched: list[str] = []

    def backups(self, place: str) -> object:  # type: ignore[override]
        self.searched.append(place)
        return super().backups(place)


def opened(ways: ListedWays, *held: str) -> tuple[WaysBackPresenter, SameThread]:
    tasks = SameThread(*held)
    presenter = WaysBackPresenter(ways, tasks, lambda _: None, lambda: None)
    presenter.start()
    for executor in held:
        tasks.release(executor)
    return presenter, tasks


def texts(presenter: WaysBackPresenter) -> dict[str, str]:
    return {field.name: field.text for field in presenter.state.fields}


@pytest.mark.parametrize(
    ("way", "commands", "words"),
    [
        (Way.RESTORE, ["refresh", "accept"], "pulih.do_restore"),
        (Way.SHEET, ["accept"], "pulih.do_sheet"),
        (Way.RECOVER, ["accept"], "pulih.do_recover"),
        (Way.READMIT, ["accept"], "pulih.do_readmit"),
    ],
)
def test_each_way_says_what_enter_does(way: Way, commands: list[str], words: str) -> None:
    presenter, _ = opened(ListedWays(way))
    assert [command.name for command in presenter.state.bar.actions] == commands
    assert presenter.state.bar.actions[-1].words == message(words)
    assert WAY not in texts(presenter), "nothing to choose between"
    secret = {field.name.rpartition("_")[2] for field in presenter.state.fields if field.is_secret}
    wanted = {"new", "again", "pin"} if way in (Way.SHEET, Way.RECOVER) else {"passphrase"}
    assert secret == wanted


@pytest.mark.parametrize(
    ("way", "label"), [(Way.RESTORE, "pulih.whose"), (Way.READMIT, "pulih.admin"), (Way.RECOVER, "pulih.admin")]
)
def test_whose_passphrase_it_is_is_chosen_among_who_is_known(way: Way, label: str) -> None:
    ways = ListedWays(way)
    ways.known.append(RINA)
    presenter, _ = opened(ways)
    who = next(field for field in presenter.state.fields if field.name == name_of(way, WHO))
    people = [RINA, ADMIN] if way is Way.RESTORE else [ADMIN, RINA]
    assert (who.label, [choice.name for choice in who.choices]) == (message(label), [each.user_id for each in people])
    assert who.text == people[0].user_id
    presenter.type(who.name, people[1].user_id)
    assert texts(presenter)[who.name] == people[1].user_id
    presenter.type(who.name, "stranger")
    assert texts(presenter)[who.name] == people[0].user_id


def test_where_there_are_no_ways_a_backup_is_looked_for() -> None:
    ways = ListedWays()
    ways.ways = ()
    presenter, _ = opened(ways)
    assert presenter.state.hint == message("pulih.hint_restore")


@pytest.mark.parametrize(("chosen", "at"), [("0", "0"), ("1", "1"), ("2", "0"), ("-1", "0"), ("x", "0"), ("", "0")])
def test_one_of_the_backups_that_are_there_is_chosen(chosen: str, at: str) -> None:
    ways = ListedWays(RESTORE)
    (newest,) = ways.there[STICK]
    ways.there[STICK] = [newest, replace(newest, folder="older", people=(ADMIN,))]
    presenter, _ = opened(ways)
    presenter.type(name_of(RESTORE, BACKUP), chosen)
    shown = texts(presenter)
    assert shown[name_of(RESTORE, BACKUP)] == at
    assert shown[name_of(RESTORE, WHO)] == (ADMIN.user_id if at == "1" else RINA.user_id)


def test_a_stick_is_searched_when_it_is_chosen_or_comes_and_only_for_backups() -> None:
    ways = NotedWays(RESTORE, Way.READMIT)
    ways.listed.append(Drive(ELSEWHERE, "LAIN", 1_000))
    ways.there[ELSEWHERE] = ways.there[STICK]
    presenter, _ = opened(ways)
    assert ways.searched == [STICK]
    presenter.refresh()
    assert ways.searched == [STICK], "its backups are listed already"
    presenter.type(DRIVE, "1")
    assert ways.searched == [STICK, ELSEWHERE]
    presenter.type(name_of(RESTORE, PASSPHRASE), "x")
    presenter.type(WAY, Way.READMIT.value)
    ways.listed.pop()
    presenter.refresh()
    assert ways.searched == [STICK, ELSEWHERE], "another way looks for no backups"
    presenter.type(WAY, RESTORE.value)
    presenter.refresh()
    assert ways.searched == [STICK, ELSEWHERE, STICK]
    ways.listed.clear()
    presenter.refresh()
    assert len(ways.searched) == 3


def test_another_way_is_not_searched_for_at_the_start() -> None:
    ways = NotedWays(Way.READMIT, RESTORE)
    opened(ways)
    assert ways.searched == []


def test_where_there_are_no_backups_that_is_said_and_the_old_ones_go() -> None:
    ways = ListedWays(RESTORE)
    presenter, _ = opened(ways)
    presenter.type(PLACE, "/mnt/nas")
    presenter.accept()
    assert name_of(RESTORE, BACKUP) not in texts(presenter)
    state = presenter.state
    assert (state.wrong and state.wrong.name, state.problem, state.progress) == (PLACE, None, None)
    presenter.type(PLACE, "")
    assert presenter.state.wrong is None
    assert not any(field.problem for field in presenter.state.fields)


def test_nothing_is_pressed_while_it_works() -> None:
    ways = NotedWays(RESTORE)
    presenter, tasks = opened(ways, STORE)
    presenter.accept()
    assert presenter.state.stage is Stage.BUSY
    presenter.accept()
    presenter.type(DRIVE, "0")
    assert (len(tasks._held[STORE]), ways.searched) == (1, [STICK])
    fresh = WaysBackPresenter(ways, SameThread(STICK_LANE), lambda _: None, lambda: None)
    fresh.accept()
    fresh.type(PLACE, "/mnt/nas")
    assert (fresh.state.stage, fresh.state.fields) == (Stage.LOADING, ())


def test_a_problem_that_belongs_to_no_field_stands_above_them() -> None:
    ways = ListedWays(Way.READMIT)
    presenter, _ = opened(ways)
    seen = []
    for refusal in (InputError("kit.slip_of_another"), InputError("cli.slip_form"), InputError("kit.name_needed")):
        ways.refusal = refusal
        presenter.accept()
        state = presenter.state
        seen.append((state.problem.code if state.problem else "", state.wrong.name if state.wrong else ""))
    assert seen == [("kit.slip_of_another", ""), ("", "readmit_slip"), ("kit.name_needed", "")]


def test_what_cannot_be_looked_at_is_tried_again() -> None:
    ways = ListedWays(RESTORE)

    def fail() -> list[Drive]:
        raise InputError("stick.none")

    ways.drives = fail  # type: ignore[method-assign]
    presenter, _ = opened(ways)
    assert presenter.state.stage is Stage.ERROR
    assert presenter.state.retry is not None
    del ways.drives
    presenter.perform(presenter.state.retry)
    assert presenter.state.stage is Stage.CONTENT
