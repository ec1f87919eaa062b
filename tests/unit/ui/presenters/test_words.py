from __future__ import annotations

from ui.presenters.words import Phrase, phrase


def test_a_phrase_keeps_its_key_and_what_fills_it() -> None:
    assert phrase("ui.battery", percent=64) == Phrase("ui.battery", {"percent": 64})
    assert phrase("ui.battery", percent=64) != phrase("ui.battery", percent=65)
