"""The page for other kabupaten shows an SOP that the program reads, and names all that a file may name."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest

from fieldkit.domain.cards.card import Document
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role
from fieldkit.domain.sarpras import SarprasKind
from fieldkit.domain.sop.profile import ClockStart, Fulfilment, PauseReason, SlaKind, StepRoles, TimeUnit, roles_of
from fieldkit.formats.sop_profile import SopFile, read_profile

PAGE = (Path(__file__).parents[5] / "docs/sop.md").read_text("utf-8")
EXAMPLE = PAGE[PAGE.index("```yaml\n") + 8 :].partition("```")[0]
NAMED = set(re.findall(r"`([a-z0-9_]+)`", PAGE))


def test_the_example_is_read() -> None:
    profile = read_profile(EXAMPLE.encode(), "docs/sop.md")
    assert (profile.sop_id, profile.region, len(profile.steps)) == ("kediri_jemput_bola", "35.06", 7)
    assert roles_of(profile, 1) == StepRoles(1, (), (Role.LOKET, Role.PETUGAS_PEREKAMAN))
    assert roles_of(profile, 4) == StepRoles(4, (Role.KETUA_TIM,))
    assert profile.before(4) == (1, 2)
    assert profile.steps[5].fulfilled_by[1] == (Fulfilment.CARDS_TO_DESA, Fulfilment.CARDS_TO_PERSONS)
    assert profile.steps[6].ends_itself


CHOICES = (Fulfilment, LetterKind, Role, SarprasKind, Document, TimeUnit, SlaKind, ClockStart, PauseReason)


@pytest.mark.parametrize("words", CHOICES)
def test_the_page_names_every_word_of_a_file(words: type[StrEnum]) -> None:
    assert {word.value for word in words} <= NAMED


def test_the_page_shows_every_field() -> None:
    schema = SopFile.model_json_schema()
    fields = {name for part in (schema, *schema["$defs"].values()) for name in part.get("properties", {})}
    assert fields <= NAMED | set(re.findall(r"([a-z_]+):", EXAMPLE))
