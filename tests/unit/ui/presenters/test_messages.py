from __future__ import annotations

from ui.presenters.messages import CatalogMessage, message


def test_a_phrase_keeps_its_key_and_what_fills_it() -> None:
    assert message("ui.battery", percent=64) == CatalogMessage("ui.battery", {"percent": 64})
    assert message("ui.battery", percent=64) != message("ui.battery", percent=65)
