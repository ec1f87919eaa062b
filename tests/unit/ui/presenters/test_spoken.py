from __future__ import annotations

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import ProblemText
from ui.presenters.messages import CatalogMessage, Message
from ui.presenters.spoken import Spoken


def say(words: Message) -> str:
    assert isinstance(words, CatalogMessage)
    return strict_catalogue(LANGUAGES[0]).text(words.key, **words.params)


def explain(problem: Problem) -> ProblemText:
    return strict_catalogue(LANGUAGES[0]).problem(problem)


def test_services_hear_the_words_of_the_window() -> None:
    spoken = Spoken(say, explain)
    assert spoken.text("impor.accepted", count=3) == "3 diterima"
    assert spoken.problem(Problem("dispose.no_role")).do
