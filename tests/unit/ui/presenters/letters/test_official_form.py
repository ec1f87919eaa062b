from __future__ import annotations

import pytest
from support.app_context import TARGETS, Kit
from support.tasks import Steps

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.official_forms import OFFICIAL_FORMS, RETIRED
from fieldkit.domain.people import Role, User
from fieldkit.services.letters.official_forms import OfficialForms
from ui.presenters.letters.letters import form_choice, forms_command
from ui.presenters.presenter import Action, message

AT = TARGETS[0].target_id


def test_the_chosen_form_opens_as_a_letter(kit: Kit) -> None:
    form, went = form_choice(kit.context, target_id=AT), Steps()
    (field,) = form.load()
    assert [choice.name for choice in field.choices] == [kind.value for kind in OFFICIAL_FORMS if kind not in RETIRED]
    assert field.text == ""
    letter = form.keep({"form": "f_1_04"})
    assert isinstance(letter, Letter)
    form.go_on(went, letter)
    assert letter.letter is LetterKind.F_1_04
    assert went.taken == [("replace", "letter", letter.thing_id)]


def test_an_application_is_named_instead_of_a_person(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OfficialForms, "of_application", lambda _, kind, named: (kind, named))
    assert form_choice(kit.context, application_id="p1").keep({"form": "f_1_04"}) == (LetterKind.F_1_04, "p1")


def test_a_form_has_to_be_chosen(kit: Kit) -> None:
    with pytest.raises(InputError) as refused:
        form_choice(kit.context, target_id=AT).keep({"form": ""})
    assert refused.value.problem.field_name == "form"


def test_the_command_says_why_it_is_closed(kit: Kit) -> None:
    went = Steps()
    command = forms_command(kit.context, went, AT)
    assert (command.act, command.refused) == (Action.FORMS, "")
    assert callable(command.runs)
    command.runs()
    assert went.taken == [("push", "official_form", AT)]
    assert forms_command(kit.context, went, AT, none=message("common.choose_letter")).refused == message(
        "common.choose_letter"
    )
    keeper = kit.context_of(User("u8", "Sri", Role.PENGURUS_BARANG))
    assert forms_command(keeper, went, AT).refused
    closed = form_choice(keeper, target_id=AT)
    assert closed.load() == ()
    with pytest.raises(RuleError):
        closed.keep({})
