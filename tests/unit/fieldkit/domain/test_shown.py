from __future__ import annotations

import pytest

from fieldkit.domain.shown import shown


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Siti Aminah – 12½ %", "Siti Aminah – 12½ %"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\rc\td\x7f\x9b", "a\\x0ab\\x0dc\\x09d\\x7f\\x9b"),
        ("\u202egpj.exe\u2066", "\\u202egpj.exe\\u2066"),
        ("a\u200db\u2028c", "a\\u200db\\u2028c"),
        ("\udcff", "\\udcff"),
        ("https://x/?\u200ba", "https://x/?\u200ba"),  # our own long words may break there
        ("\U000e0041", "\\U000e0041"),
        ("1\u00a0000", "1\u00a0000"),  # a blank that does not break is seen as one
    ],
)
def test_what_is_not_seen_is_written_by_its_number(text: str, seen: str) -> None:
    assert shown(text) == seen
