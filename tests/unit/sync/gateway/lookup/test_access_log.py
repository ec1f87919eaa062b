from __future__ import annotations

from datetime import timedelta

from support.clock import HandClock

from sync.gateway.context import GatewayContext
from sync.gateway.lookup.access_log import Access, Origin, accesses, note_access


def test_looks_are_kept_newest_first_and_a_nik_is_hidden(gateway_context: GatewayContext, clock: HandClock) -> None:
    made = [
        Access("sari", Origin.OFFICE, "records.find", "3315 0141 0790 0001", "asked at the counter"),
        Access("budi" * 30, Origin.COMMAND, "records.export", "x\0" * 300),
    ]
    with gateway_context.engine.begin() as connection:
        for number, access in enumerate(made):
            note_access(connection, access, clock.now() + timedelta(minutes=number))
        second, first = accesses(connection)
        assert accesses(connection, before=second.number, size=1) == (first,)
    assert first.access == Access("sari", Origin.OFFICE, "records.find", "••••", "asked at the counter")
    assert first.at == clock.now()
    assert (len(second.access.who), second.access.about) == (64, "x" * 200)
