from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.cards_sent import PRINTER
from support.handed import distributed
from support.letters import office

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.cards.card import Document, MarkKind, Place
from fieldkit.domain.cards.courier import CourierState, CourierStep
from ui.presenters.cards import courier
from ui.presenters.cards.distribution_messages import courier_words, place_tag, waited_words, way_of
from ui.presenters.figures import StepMark
from ui.presenters.messages import message
from ui.presenters.parts import Tone


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    yield kit
    kit.store.close()


def test_where_a_document_is_and_since_when(kit: Kit) -> None:
    get = kit.context.office.handover.get
    assert place_tag(get("card-001")).words == message("distribusi.place.desa")
    assert waited_words(get("card-001"), kit.clock) == message("distribusi.waits_tried", days=0, tries=1)
    assert place_tag(get("card-003")).tone is Tone.CAUTION
    assert waited_words(get("card-005"), kit.clock) == message("distribusi.waits", days=15)
    assert isinstance(waited_words(get("card-004"), kit.clock), str)
    assert courier_words(get("card-005")) == message("distribusi.courier.no")


def test_the_way_ends_with_who_has_it(kit: Kit) -> None:
    last = way_of(kit.context.office.handover.get("card-004"), kit.clock)[-1]
    assert last.words == message("distribusi.handed_to.person")
    assert last.detail.endswith(" · Sutrisno (anak)")


def test_what_went_wrong_stands_in_its_order_and_is_marked(kit: Kit) -> None:
    kit.clock.advance(hours=1)
    kit.context_of(PRINTER).office.printing.print_again("card-005", "kartu rusak")
    kit.clock.advance(hours=1)
    kit.context.office.handover.note_attempts(["card-005"], "rumah kosong")
    way = way_of(kit.context.office.handover.get("card-005"), kit.clock)
    assert [(step.words.key.removeprefix("distribusi."), step.mark) for step in way] == [
        ("was_printed", StepMark.DONE),
        ("printed_again", StepMark.EXCEPTED),
        ("not_taken", StepMark.MISSING),
    ]
    assert way[-1].detail.endswith(" · rumah kosong")


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_counted_or_chosen_has_its_words(language: str) -> None:
    catalogue = strict_catalogue(language)
    for name, values in {
        "place": Place,
        "document": Document,
        "named": Document,
        "courier": CourierState,
        "shown": Place,
        "courier_shown": courier.SHOWN,
        "step": CourierStep,
        "done": (Place.KECAMATAN, Place.DESA, Place.COURIER, Place.PERSON),
        "who_hint": (Place.KECAMATAN, Place.DESA, Place.COURIER, Place.PERSON),
        "picture_hint": (MarkKind.THUMB, MarkKind.SCAN),
        "handed_to": Place,
    }.items():
        for value in values:
            params = {"name": "x", "count": 1, "at": "x", "receiver": "x"}
            assert catalogue.text(f"distribusi.{name}.{value}", **params)
    for field in ("receiver", "relation", "proof"):
        for kind in ("office", "person", "courier"):
            assert catalogue.text(f"distribusi.{field}.{kind}")
