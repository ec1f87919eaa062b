from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.apart import brought_together
from support.app_context import KETUA, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.people import Role, User
from fieldkit.domain.visits import Outcome, Visit
from ui.presenters.exchange.exchange import ConflictPresenter
from ui.presenters.parts import Stage
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    brought_together(kit, tmp_path, "t1", "a1")
    yield kit
    kit.store.close()


def opened(kit: Kit, user: User = KETUA) -> tuple[ConflictPresenter, Steps]:
    context, steps = kit.context_of(user), Steps()
    (conflict,) = context.office.conflicts.all()
    presenter = ConflictPresenter(context, SameThread(), steps, conflict.kind, conflict.thing_id)
    presenter.start()
    return presenter, steps


def marked(presenter: ConflictPresenter) -> dict[str, int]:
    """Return which side is marked of each field."""
    rows = [presenter.state.rows.row(at) for at in range(1, presenter.state.rows.count)]
    return {row.name: next(at for at, cell in enumerate(row.cells[1:]) if cell.tags) for row in rows}


def visit(kit: Kit) -> Visit:
    return kit.context.office.visits.card("t1").visits[0]


def test_a_side_holds_as_a_whole(kit: Kit) -> None:
    presenter, steps = opened(kit)
    assert set(marked(presenter).values()) == {0}
    presenter.take(1)
    presenter.take(2)  # there is none
    assert set(marked(presenter).values()) == {1}
    presenter.perform(presenter.state.bar.actions[-1])
    assert steps.taken == [("back",)]
    assert visit(kit).outcome is Outcome.TIDAK_DI_TEMPAT


def test_a_field_may_come_from_the_other_side(kit: Kit) -> None:
    presenter, _ = opened(kit)
    presenter.select("note")
    presenter.swap()
    assert {path for path, side in marked(presenter).items() if side} == {"note"}
    presenter.perform(presenter.state.bar.actions[-1])
    assert (visit(kit).outcome, visit(kit).note) == (Outcome.MENOLAK, "Ke sawah")


def test_the_time_is_no_field_and_a_second_swap_takes_it_back(kit: Kit) -> None:
    presenter, _ = opened(kit)
    presenter.select("")
    presenter.swap()
    presenter.select("note")
    presenter.swap()
    presenter.swap()
    assert set(marked(presenter).values()) == {0}


def test_who_may_not_decide_reads_and_is_told_why(kit: Kit) -> None:
    presenter, steps = opened(kit, User("u12", "Teguh", Role.OPERATOR_CETAK))
    assert presenter.state.bar.actions[-1].refused == message("exchange.not_yours")
    presenter.perform(presenter.state.bar.actions[-1])
    assert not steps.taken


def test_what_was_settled_meanwhile_is_said(kit: Kit) -> None:
    presenter, steps = opened(kit)
    other, _ = opened(kit)
    other.perform(other.state.bar.actions[-1])
    presenter.perform(presenter.state.bar.actions[-1])
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "exchange.settled_meanwhile"
    presenter.refresh()
    assert presenter.state.stage is Stage.EMPTY
    assert not steps.taken
