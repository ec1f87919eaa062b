from __future__ import annotations

from pathlib import Path

import pytest
from support.cards_sent import LOKET, PRINTER
from support.counter import Counter, for_card, for_kk

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.applications import ENDS, LEGS, ApplicationState
from fieldkit.domain.cards.card import Document
from fieldkit.domain.cards.courier import CourierState
from ui.presenters.applications.messages import actor_words, history_facts, lines_of, state_tag
from ui.presenters.figures import StepMark
from ui.presenters.messages import message
from ui.presenters.parts import Tone


def test_the_way_shows_what_is_done_what_is_next_and_what_was_slow(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.kit.clock.advance(minutes=5)
    counter.by(LOKET).check(at)
    view = counter.by(LOKET).view(at)
    lines = lines_of(view, counter.kit.clock.local)
    assert [line.mark for line in lines[:4]] == [StepMark.DONE, StepMark.DONE, StepMark.CURRENT, StepMark.PENDING]
    assert lines[1].tag is not None
    assert lines[1].tag.tone is Tone.BAD
    assert message("counter.minutes_of", count=6, standard=1) in lines[1].details
    assert lines[2].details[0] == actor_words(view) == "Operator"


def test_history_tells_reasons_newest_first(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).send_back(at, "foto buram")
    view = counter.by(LOKET).view(at)
    newest, oldest = history_facts(view, counter.kit.clock.local)
    assert newest.tone is Tone.CAUTION
    assert "foto buram" in repr(newest.words)
    assert newest.head
    assert not oldest.head
    assert actor_words(view) == message("counter.applicant")


def test_the_document_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "becak").mkdir()
    becak = Counter(tmp_path / "becak", "grobogan_becak_pintar")
    application = becak.by(LOKET).register("a1", for_card())
    becak.through(application)
    card = becak.printed(application)
    becak.context(PRINTER).office.courier.make_ready([card])
    assert state_tag(becak.by(LOKET).view(application.thing_id)).words == message("counter.courier_siap_diambil_kurir")
    becak.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_happen_has_words(language: str) -> None:
    catalogue = strict_catalogue(language)
    for state in ApplicationState:
        assert catalogue.text(f"counter.state_{state.value}")
        assert catalogue.text(f"counter.did_{state.value}", at="1", who="2", reason="3")
    for fact in {*ENDS, *(fact for legs in LEGS.values() for fact in legs)}:
        assert catalogue.text(f"counter.leg_{fact.value}")
    for document in Document:
        assert catalogue.text(f"counter.document_{document.value}")
    for state in (
        CourierState.SIAP_DIAMBIL_KURIR,
        CourierState.DISERAHKAN_KE_KURIR,
        CourierState.DIANTAR,
        CourierState.DITERIMA,
        CourierState.DIKEMBALIKAN,
    ):
        assert catalogue.text(f"counter.courier_{state.value}")
