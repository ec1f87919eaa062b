from __future__ import annotations

from dataclasses import replace

import pytest

from fieldkit.ports.vault import Credentials, SignatureSeen, Standing, conclude

SEEN = SignatureSeen("Endang", None, is_time_certified=True, is_intact=True, is_trusted=True, covers_all=True)


@pytest.mark.parametrize(
    ("signatures", "standing"),
    [
        ((), Standing.UNSIGNED),
        ((SEEN,), Standing.VALID),
        ((SEEN, replace(SEEN, is_trusted=False)), Standing.UNTRUSTED),
        ((replace(SEEN, is_trusted=False), replace(SEEN, is_intact=False)), Standing.CHANGED),
        ((replace(SEEN, covers_all=False), SEEN), Standing.CHANGED),
    ],
)
def test_the_worst_signature_counts(signatures: tuple[SignatureSeen, ...], standing: Standing) -> None:
    assert conclude(signatures).standing is standing


def test_what_a_person_typed_is_shown_nowhere() -> None:
    assert repr(Credentials("nik", "passphrase", "totp")) == "Credentials()"
