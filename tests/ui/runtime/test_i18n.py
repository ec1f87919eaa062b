from __future__ import annotations

import pytest

from fieldkit.domain.errors import Problem
from ui.presenters.words import phrase
from ui.runtime.look import Look


def test_literal_text_stays_and_phrases_follow_the_language(look: Look) -> None:
    phrases = look.phrases
    heard: list[str] = []
    phrases.changed.connect(lambda: heard.append(phrases.language))
    assert phrases.say("SITI {x}") == "SITI {x}"
    assert phrases.say(phrase("ui.devices_ready", count=4)) == "4 alat siap"
    phrases.choose_next()
    assert phrases.say(phrase("ui.devices_ready", count=4)) == "4 devices ready"
    phrases.choose("en")
    phrases.choose_next()
    assert heard == ["en", "id"]


def test_a_problem_reads_as_three_sentences(look: Look) -> None:
    told = look.phrases.explain(Problem("ui.bug"))
    assert told.what
    assert told.safe
    assert told.do


def test_a_language_without_catalogue_is_refused(look: Look) -> None:
    with pytest.raises(KeyError):
        look.phrases.choose("jv")
    assert look.phrases.language == "id"
