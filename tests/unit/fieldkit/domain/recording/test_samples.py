from __future__ import annotations

import pytest

from fieldkit.domain.recording.samples import QualityScore


@pytest.mark.parametrize("value", [-1, 101])
def test_a_score_is_between_0_and_100(value: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        QualityScore(value, "test")
    assert [QualityScore(least, "test").value for least in (0, 100)] == [0, 100]
