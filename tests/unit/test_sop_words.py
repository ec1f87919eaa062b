"""What docs/sop.md says is enough to write an SOP: it names every field and every choice that a file may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from fieldkit.domain.cards.card import Document
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sarpras.inventory import SarprasKind
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import ClockStart, PauseReason, SlaKind, TimeUnit
from fieldkit.formats.sop_profile import read_profile
from fieldkit.formats.sop_schema import SopFile

DOC = (Path(__file__).parents[2] / "docs/sop.md").read_text("utf-8")
WORDS = set(re.findall(r"[a-z_0-9]+", DOC))


def fields(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of all fields of a file, also of what stands inside others."""
    for name, field in model.model_fields.items():
        yield name
        yield from (inner for each in models(field.annotation) for inner in fields(each))


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def test_every_field_is_told() -> None:
    assert set(fields(SopFile)) - WORDS == set()


@pytest.mark.parametrize("kind", [Fulfilment, Role, SarprasKind, Document, TimeUnit, SlaKind, ClockStart, PauseReason])
def test_every_choice_is_told(kind: Any) -> None:
    assert {each.value for each in kind} - WORDS == set()


def test_every_paper_that_an_output_may_be_is_told() -> None:
    papers = {each.value for each in LetterKind}
    told = re.search(r"Papers: (.*?)\n\n", DOC, re.DOTALL)
    assert told is not None
    named = set(re.findall(r"`(\w+)`", told[1]))
    assert named
    assert named <= papers


def test_the_example_of_the_page_is_a_good_file() -> None:
    example = re.search(r"```yaml\n(.*?)```", DOC, re.DOTALL)
    assert example is not None
    assert read_profile(example[1].encode(), "docs/sop.md").sop_id == "kediri_jemput_bola"
