"""What an act takes is what its form asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from support.app_context import Kit
from support.cards_sent import LOKET, PRINTER
from support.tasks import Steps

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork, act
from ui.presenters.acts import ActForms, asked_by
from ui.presenters.form import Labels
from ui.presenters.presenter import Action, Opens, message


@dataclass(frozen=True)
class Box:
    count: int
    label: str = "none"


class Shelve:
    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self.done: list[object] = []

    @act(Permission.PRINT_CARDS)
    def shelve(self, work: UnitOfWork, row: str, box: Box, since: date | None, note: str = "") -> str:
        """Put a box on a shelf."""
        self.done.append((row, box, since, note, work.user.user_id))
        return row

    @act(Permission.PRINT_CARDS)
    def sweep(self, work: UnitOfWork, rows: list[int]) -> None:
        self.done.append((rows, work.at))

    def look(self) -> None: ...


@pytest.fixture
def context(kit: Kit) -> AppContext:
    return kit.context_of(PRINTER)


@pytest.fixture
def service(context: AppContext) -> Shelve:
    return Shelve(context.office.units)


@pytest.fixture
def forms(service: Shelve) -> ActForms[Shelve]:
    return ActForms(
        *("shelves", "shelf.", Shelve, lambda _: service, Labels("shelf.field_", "shelf.hint_")),
        refusals={Permission.PRINT_CARDS: message("shelf.not_yours")},
        hints=frozenset({"since"}),
    )


def test_an_act_opens_its_transaction_for_who_may(kit: Kit, service: Shelve) -> None:
    assert service.shelve("a", Box(1), None) == "a"
    assert service.done == [("a", Box(1), None, "", PRINTER.user_id)]
    stranger = Shelve(kit.context_of(LOKET).office.units)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        stranger.shelve("a", Box(1), None)
    assert (stranger.done, Shelve.shelve.name, Shelve.shelve.permission) == ([], "shelve", Permission.PRINT_CARDS)


def test_the_form_asks_what_is_not_given(context: AppContext, forms: ActForms[Shelve]) -> None:
    assert [each.name for each in asked_by(Shelve.shelve)] == ["row", "count", "label", "since", "note"]
    form = forms.form(Shelve.shelve, context, {"row": "a"})
    assert [(field.name, field.label, field.hint) for field in form.load()] == [
        ("count", message("shelf.field_count"), ""),
        ("label", message("shelf.field_label"), ""),
        ("since", message("shelf.field_since"), message("shelf.hint_since")),
        ("note", message("shelf.field_note"), ""),
    ]
    assert (form.title, form.hint) == (message("shelf.shelve"), message("shelf.shelve_about"))


def test_what_is_typed_goes_to_the_act_and_what_has_a_default_may_stay_empty(
    context: AppContext, forms: ActForms[Shelve], service: Shelve
) -> None:
    form = forms.form(Shelve.shelve, context, {"row": "a"})
    form.keep({"count": "3", "label": " ", "since": "", "note": ""})
    form.keep({"count": "4", "label": "red", "since": "1-2-2026", "note": "x"})
    by = PRINTER.user_id
    assert service.done == [
        ("a", Box(3), None, "", by),
        ("a", Box(4, "red"), date(2026, 2, 1), "x", by),
    ]
    with pytest.raises(InputError) as refused:
        form.keep({"count": "", "label": "red", "since": "", "note": ""})
    assert refused.value.problem.field_name == "count"


def test_a_command_opens_the_form_and_says_who_may_not(kit: Kit, context: AppContext, forms: ActForms[Shelve]) -> None:
    steps = Steps()
    command = forms.opens(context, steps, Shelve.shelve, Action.ACCEPT, row="a")
    assert (command.name, command.words, command.refused) == ("shelve", message("shelf.shelve"), "")
    assert command.runs == Opens(steps, "shelves.shelve", {"row": "a"})
    full = message("shelf.full")
    assert forms.opens(context, steps, Shelve.shelve, None, full).refused == full
    stranger, not_yours = kit.context_of(LOKET), message("shelf.not_yours")
    assert forms.opens(stranger, steps, Shelve.shelve, None, full).refused == not_yours
    closed = forms.form(Shelve.shelve, stranger, {"row": "a"})
    assert (closed.load(), closed.hint) == ((), not_yours)


def test_an_act_that_no_form_can_ask_has_none(context: AppContext, forms: ActForms[Shelve]) -> None:
    assert list(forms.screens) == ["shelves.shelve"]
    with pytest.raises(TypeError, match="sweep"):
        forms.opens(context, Steps(), Shelve.sweep, None)
