from __future__ import annotations

from support.room import Room

from fieldkit.services.delivery.log_line import log_line


def test_a_paper_names_the_end_of_the_log(room: Room) -> None:
    with room.store.read() as unit:
        head, line = unit.events.head(), log_line(unit)
    assert head is not None
    assert line == {"chain": head.chain, "sequence": str(head.sequence), "digest": head.digest[:16]}


def test_a_log_without_a_row_has_nothing_to_print(room: Room) -> None:
    room.store.begin_chain()
    with room.store.read() as unit:
        assert log_line(unit) == {}
