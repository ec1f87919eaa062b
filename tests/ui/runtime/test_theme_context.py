from __future__ import annotations

import pytest

from fieldkit.domain.errors import Problem
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext


def test_it_says_words_and_gives_the_tokens_in_force(theming: ThemeContext) -> None:
    assert theming.say(message("act.back")) == "Kembali"
    assert theming.tokens is theming.theme.tokens


def test_literal_text_stays_and_phrases_follow_the_language(theming: ThemeContext) -> None:
    catalog = theming.catalog
    heard: list[str] = []
    catalog.changed.connect(lambda: heard.append(catalog.language))
    assert catalog.say("SITI {x}\nRT 2") == "SITI {x}\nRT 2"
    assert catalog.say("a\u202egpj.exe\x1b") == "a\\u202egpj.exe\\x1b"
    assert catalog.say(message("ui.devices_ready", count=4)) == "4 alat siap"
    catalog.choose_next()
    assert catalog.say(message("ui.devices_ready", count=4)) == "4 devices ready"
    catalog.choose("en")
    catalog.choose_next()
    assert heard == ["en", "id"]


def test_a_problem_reads_as_three_sentences(theming: ThemeContext) -> None:
    told = theming.catalog.explain(Problem("ui.bug"))
    assert told.what
    assert told.safe
    assert told.do


def test_a_language_without_catalogue_is_refused(theming: ThemeContext) -> None:
    with pytest.raises(KeyError):
        theming.catalog.choose("jv")
    assert theming.catalog.language == "id"
