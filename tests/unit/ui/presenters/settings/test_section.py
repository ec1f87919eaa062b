from __future__ import annotations

from pathlib import Path

from support.app_context import Kit

from ui.presenters.messages import message
from ui.presenters.settings.section import Section


class Nothing(Section):
    name = "nothing"


def test_a_section_keeps_what_is_typed_and_lets_lists_mean_nothing(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    section = Nothing(kit.context)
    section.point("list", "line")
    section.type("x", "text")
    section.tick("x", "line")
    before = section.typed
    section.type("y", "more")
    assert (section.typed, before) == ({"x": "text", "y": "more"}, {"x": "text"})  # what is being kept stays
    assert section.cursors == {"list": "line"}
    assert (section.text("x", hint="url_hint").hint, section.text("x").hint) == (message("pengaturan.url_hint"), "")
    assert (section.text("x", "kept").text, section.text("z", "kept").text) == ("text", "kept")
    kit.store.close()
