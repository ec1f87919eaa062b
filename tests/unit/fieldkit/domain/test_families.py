from __future__ import annotations

from dataclasses import replace

from support.families import ANAK, FAMILY, SUAMI

from fieldkit.app.bootstrap.rules import load_tables
from fieldkit.domain.families import FamilyRelation


def test_every_relation_has_its_word_in_the_code_table() -> None:
    words = load_tables().tables["hubungan_keluarga"]
    assert {relation.value: relation.name.replace("_", " ") for relation in FamilyRelation} == dict(words)


def test_head_is_who_the_form_calls_so() -> None:
    assert FAMILY.head is SUAMI
    assert replace(FAMILY, members=(ANAK,)).head is None
