from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.letters import AT, office
from support.sarpras import SIGNATURE

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.letters.official_forms import WITNESS


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path)
    yield kit
    kit.close()


def issued(kit: Kit) -> Letter:
    letters = kit.context.office.letters
    witnesses = [
        {**dict.fromkeys((column.name for column in WITNESS), ""), "name": name} for name in ("Pak RT", "Bu RW")
    ]
    fields = {"name": "Ani", "witnesses": witnesses}
    return letters.issue(letters.draft(LetterKind.F_1_04, AT, fields).thing_id)


def test_each_signs_once_and_the_former_papers_are_kept(kit: Kit) -> None:
    letter, inks = issued(kit), kit.context.office.inks
    assert list(inks.waiting(letter.thing_id)) == ["person", "witness1", "witness2"]
    inked = inks.sign(letter.thing_id, "witness2", SIGNATURE)
    assert (inked.state, inked.issued_at) == (letter.state, letter.issued_at)
    assert inked.pdf != letter.pdf
    assert inked.digest != letter.digest
    assert "witness2" not in inks.waiting(letter.thing_id)
    with kit.store.read() as unit:
        before, after = (unit.attachments.get(each.pdf).content for each in (letter, inked))
    assert before != after
    assert after == kit.context.office.letters.pdf(letter.thing_id)
    with pytest.raises(InputError, match=r"letter\.field_wrong"):
        inks.sign(letter.thing_id, "lead", SIGNATURE)


def test_no_ink_on_drafts_and_void_letters(kit: Kit) -> None:
    office_ = kit.context.office
    draft = office_.letters.draft(LetterKind.F_1_04, AT, {"name": "Ani"})
    assert office_.inks.waiting(draft.thing_id) == {}
    with pytest.raises(RuleError, match=r"letter\.not_inked_now"):
        office_.inks.sign(draft.thing_id, "person", SIGNATURE)
    void = office_.letters.void(issued(kit).thing_id, "salah nama")
    assert not office_.inks.may_take(void)


@pytest.mark.days
def test_who_may_ink_does_so_until_everybody_has(kit: Kit) -> None:
    letter, inks = issued(kit), kit.context.office.inks
    assert inks.may_take(letter)
    theirs = kit.context_of(PENGURUS).office.inks
    assert (theirs.may_take(letter), theirs.waiting(letter.thing_id)) == (False, {})
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        theirs.sign(letter.thing_id, "person", SIGNATURE)
    for place in inks.waiting(letter.thing_id):
        letter = inks.sign(letter.thing_id, place, SIGNATURE)
    assert (inks.may_take(letter), inks.waiting(letter.thing_id)) == (False, {})
    assert inks.sign(letter.thing_id, "person", SIGNATURE).fields["inks"].keys() == letter.fields["inks"].keys()


def test_what_was_signed_electronically_takes_no_ink(kit: Kit) -> None:
    letter, inks = issued(kit), kit.context.office.inks
    signed = replace(letter, signed_pdf=letter.pdf)
    with kit.store.write() as unit:
        unit.repository(Letter).save(signed)
    assert not inks.may_take(signed)
    with pytest.raises(RuleError, match=r"letter\.not_inked_now"):
        inks.sign(letter.thing_id, "person", SIGNATURE)
