from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.apart import Stick, worked_apart
from support.app_context import KETUA, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import Role, User
from ui.presenters.exchange.exchange import ExchangePresenter
from ui.presenters.messages import message
from ui.presenters.parts import Stage


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


@pytest.fixture
def stick(kit: Kit, tmp_path: Path) -> Stick:
    return worked_apart(kit, tmp_path, "t1", "a1")


def opened(kit: Kit, user: User = KETUA) -> ExchangePresenter:
    presenter = ExchangePresenter(kit.context_of(user), SameThread(), Steps())
    presenter.start()
    return presenter


def numbers(presenter: ExchangePresenter) -> list[str]:
    assert presenter.state.outcome is not None
    return [number.value for number in presenter.state.outcome.numbers]


def test_the_code_is_asked_for_and_the_counts_are_told(kit: Kit, stick: Stick) -> None:
    presenter = opened(kit)
    presenter.type_place(str(stick.folder))
    presenter.accept()
    assert presenter.state.wants_code
    presenter.type_code("AAAA-AAAA-AAAA-AAAA")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "exchange.wrong_code"
    assert presenter.state.wants_code
    presenter.type_code(stick.code)
    presenter.accept()
    assert numbers(presenter)[-1] == "1"
    assert (presenter.state.wants_code, presenter.state.code, presenter.state.rows.count) == (False, "", 1)
    assert message("exchange.conflicts_count", count=1) in [tag.words for tag in presenter.state.tags]


def test_a_second_reading_brings_nothing_new(kit: Kit, stick: Stick) -> None:
    presenter = opened(kit)
    presenter.type_place(str(stick.file))
    for _ in range(2):
        presenter.type_place(str(stick.file))
        presenter.accept()
        presenter.type_code(stick.code)
        presenter.accept()
    assert numbers(presenter)[:2] == ["0", "0"]


def test_the_first_file_has_a_code_and_later_ones_open_by_themselves(kit: Kit, stick: Stick, tmp_path: Path) -> None:
    usb = tmp_path / "mine"
    usb.mkdir()
    presenter = opened(kit)
    presenter.type_place(str(usb))
    presenter.make()
    assert presenter.state.outcome is not None
    assert presenter.state.outcome.code
    kit.context_of(KETUA).office.exchange.take(stick.file.read_bytes(), stick.code)
    kit.clock.advance(seconds=1)
    presenter.make()
    assert not presenter.state.outcome.code
    kit.clock.advance(seconds=1)
    presenter.make(for_new=True)
    assert presenter.state.outcome.code
    assert len(list(usb.iterdir())) == 3


def test_without_a_place_and_without_the_role_it_says_why(kit: Kit) -> None:
    presenter = opened(kit)
    assert presenter.state.bar.actions[-1].refused == message("exchange.no_place")
    presenter.accept()
    assert presenter.state.stage is Stage.CONTENT
    others = opened(kit, User("u12", "Teguh", Role.OPERATOR_CETAK))
    others.type_place("/tmp")
    assert [action.refused for action in others.state.bar.actions[1:]] == [message("exchange.not_yours")] * 3


def test_the_list_of_laptops_is_searched(kit: Kit, stick: Stick) -> None:
    kit.context_of(KETUA).office.exchange.take(stick.file.read_bytes(), stick.code)
    presenter = opened(kit)
    presenter.search("kit-09")
    assert presenter.state.rows.row(0).name == "KIT-09"
    presenter.search("kit-1")
    assert presenter.state.rows.count == 0
