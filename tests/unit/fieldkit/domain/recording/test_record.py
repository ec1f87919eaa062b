from __future__ import annotations

from fieldkit.domain.recording.record import digest_of_context

WHERE = ("a1", "Jemput bola", "Desa Sumberjo", "800/1/2026", "0.2.0")


def test_each_part_of_where_somebody_was_recorded_has_its_own_digest() -> None:
    others = [digest_of_context(*WHERE[:at], "x", *WHERE[at + 1 :]) for at in range(len(WHERE))]
    assert len({digest_of_context(*WHERE), *others}) == 1 + len(WHERE)
    assert digest_of_context(*WHERE) == digest_of_context(*WHERE)


def test_what_moves_from_one_part_to_the_next_is_told_apart() -> None:
    assert digest_of_context("a", "bc", "", "", "") != digest_of_context("ab", "c", "", "", "")
