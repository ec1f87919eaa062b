from __future__ import annotations

from fieldkit.domain.letters.forms import Form
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.official_forms import MEMBER, NOT_ASKED, OFFICIAL_FORMS


def test_nothing_of_a_form_but_its_day_has_to_be_known() -> None:
    for form in OFFICIAL_FORMS.values():
        assert [field.name for field in form if field.is_required and field.form is not Form.CHOICE] == ["dated"]


def test_a_request_is_ticked_once_and_by_a_name_of_its_own() -> None:
    groups = [field.choices for field in OFFICIAL_FORMS[LetterKind.F_1_02] if field.form is Form.CHOICE]
    assert {group[0] for group in groups} == {NOT_ASKED}
    named = [choice for group in groups for choice in group[1:]]
    assert len(named) == len(set(named)) == 27
    assert len({column.name for column in MEMBER}) == len(MEMBER)
