from __future__ import annotations

from ui.presenters.words import phrase
from ui.runtime.look import Look


def test_it_says_words_and_gives_the_tokens_in_force(look: Look) -> None:
    assert look.say(phrase("act.back")) == "Kembali"
    assert look.tokens is look.theme.tokens
