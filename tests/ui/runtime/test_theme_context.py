from __future__ import annotations

from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext


def test_it_says_words_and_gives_the_tokens_in_force(theming: ThemeContext) -> None:
    assert theming.say(message("act.back")) == "Kembali"
    assert theming.tokens is theming.theme.tokens
