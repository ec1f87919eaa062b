from __future__ import annotations

from fieldkit.domain.letters.signing import SigningSettings, SigningTrail


def test_secrets_and_niks_stay_out_of_repr() -> None:
    told = repr(SigningSettings(secret="rahasia", niks={"u9": "3505014107780001"}))
    assert "rahasia" not in told
    assert "3505" not in told


def test_a_trail_is_found_by_its_letter_only() -> None:
    assert SigningTrail("l1", "a1").words == ""
