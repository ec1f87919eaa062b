from __future__ import annotations

from fieldkit.vault.two_copies import whole_of

WHOLE = b"what was written"


def is_whole(content: bytes) -> bool:
    return content == WHOLE


def test_a_whole_copy_is_found_on_either_side() -> None:
    for other in (WHOLE, b"", b"what was wrotten", b"#" * len(WHOLE), b"longer " + WHOLE):
        assert whole_of(WHOLE, other, is_whole) == WHOLE
        assert whole_of(other, WHOLE, is_whole) == WHOLE


def test_damage_at_different_places_leaves_a_whole_mixture() -> None:
    assert whole_of(b"What was wr#tten", b"what wos writt#n", is_whole) == WHOLE


def test_damage_at_the_same_place_leaves_none() -> None:
    assert whole_of(b"what was wr#tten", b"what was wrotten", is_whole) is None
    assert whole_of(b"#" * 8 + WHOLE[8:], WHOLE[:8] + b"#" * 8, is_whole) is None, "too many mixtures"
    assert whole_of(b"what", WHOLE[4:], is_whole) is None
