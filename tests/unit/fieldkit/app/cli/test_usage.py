"""Wrong use is told in our own words, in both languages."""

from __future__ import annotations

import pytest
import typer

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.app.cli.commands import parser
from fieldkit.app.cli.usage import usage_problem

ENGLISH = ("Missing", "Invalid", "No such", "Possible", "argument", "expected", "unexpected", "Choose from", "Input")


def _detail(words: list[str], language: str) -> str:
    with pytest.raises(typer.TyperException) as raised:
        parser()(words, standalone_mode=False)
    problem = usage_problem(raised.value, strict_catalogue(language))
    return str(problem.params["detail"])


@pytest.mark.parametrize(
    ("words", "detail"),
    [
        (["capture"], "MODALITY belum diisi"),
        (["demo"], "--out belum diisi"),
        (["capture", "toes", "--out", "x"], "MODALITY tidak mengenal toes; pilih fingers, iris, face"),
        (["demo", "--out", "x", "--people", "many"], "nilai --people tidak bisa dipakai"),
        (["demo", "--out", "x", "--people", "0"], "nilai --people tidak bisa dipakai"),
        (["queue", "--bla"], "tidak ada pilihan --bla"),
        (["demo", "--out"], "--out memerlukan nilai"),
        (["no-such-command"], "tidak ada perintah no-such-command"),
        (["gateway", "no-such-command"], "tidak ada perintah no-such-command"),
        (["audit", "verify", "surplus"], "ada kata yang berlebih: surplus"),
    ],
)
def test_what_is_wrong_is_said_without_the_parsers_words(words: list[str], detail: str) -> None:
    assert _detail(words, "id") == detail
    for language in LANGUAGES:
        assert not [word for word in ENGLISH if word in _detail(words, language)]


def test_a_mistyped_option_names_its_neighbours() -> None:
    assert "--people" in _detail(["demo", "--peple", "3"], "id")


def test_an_error_that_nobody_knows_is_still_a_sentence() -> None:
    problem = usage_problem(typer.TyperException("something new"), strict_catalogue("id"))
    assert problem.params == {"detail": "cara menulisnya tidak dikenal"}
