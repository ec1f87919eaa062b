from __future__ import annotations

from fieldkit.vault.derived import DerivedCipher


def test_what_was_closed_opens_for_its_key_purpose_and_place_only() -> None:
    cipher = DerivedCipher(b"k" * 32, "purpose")
    closed = cipher.close(b"content", b"place")
    assert cipher.open(closed, b"place") == b"content"
    assert b"content" not in closed
    assert cipher.close(b"content", b"place") != closed
    assert cipher.open(closed, b"elsewhere") is None
    assert DerivedCipher(b"k" * 32, "other").open(closed, b"place") is None
    assert DerivedCipher(b"l" * 32, "purpose").open(closed, b"place") is None
    salted = cipher.salted(b"s" * 32)
    assert salted.open(salted.close(b"content", b"place"), b"place") == b"content"
    assert salted.open(closed, b"place") is None
    assert cipher.salted(b"t" * 32).open(salted.close(b"content", b"place"), b"place") is None
    for damaged in (b"", closed[:-1], bytes(len(closed)), closed[:20]):
        assert cipher.open(damaged, b"place") is None
