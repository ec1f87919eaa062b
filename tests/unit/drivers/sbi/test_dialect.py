from __future__ import annotations

from drivers.sbi.dialect import V0_9_5, V1_0, dialect_of


def test_the_first_version_of_discovery_decides():
    assert dialect_of(["0.9.5"], V1_0) is V0_9_5
    assert dialect_of(["1.0", "0.9.5"], V0_9_5) is V1_0
    assert dialect_of(["1.0.0"], V0_9_5) is V1_0
    assert dialect_of(["0.9.5.1.5"], V1_0) is V0_9_5


def test_an_unknown_version_is_spoken_to_as_it_answered():
    assert dialect_of(["2.0"], V1_0) is V1_0
    assert dialect_of([], V0_9_5) is V0_9_5
