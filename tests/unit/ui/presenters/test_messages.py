from __future__ import annotations

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import ProblemText
from ui.presenters.messages import CatalogMessage, Message, Spoken, message


def test_a_phrase_keeps_its_key_and_what_fills_it() -> None:
    assert message("ui.battery", percent=64) == CatalogMessage("ui.battery", {"percent": 64})
    assert message("ui.battery", percent=64) != message("ui.battery", percent=65)


def say(words: Message) -> str:
    assert isinstance(words, CatalogMessage)
    return strict_catalogue(LANGUAGES[0]).text(words.key, **words.params)


def explain(problem: Problem) -> ProblemText:
    return strict_catalogue(LANGUAGES[0]).problem(problem)


def test_services_hear_the_words_of_the_window() -> None:
    spoken = Spoken(say, explain)
    assert spoken.text("impor.accepted", count=3) == "3 diterima"
    assert spoken.problem(Problem("dispose.no_role")).do
