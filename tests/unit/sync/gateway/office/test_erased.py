from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.gateway import Kit
from support.office import Browser

from sync.gateway.operations.retention import Policy, Retention
from sync.gateway.tables import access_log, erasures, records
from tests.unit.sync.gateway.office.test_state import arrive


def test_each_erasure_shows_its_proof_and_the_look_is_written_down(admin: Browser, kit: Kit) -> None:
    assert "Belum ada rekaman yang dihapus" in admin.get("/erasures").text
    record_id = arrive(admin, kit)
    with admin.gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(verdict="invalid"))
    admin.clock.advance(minutes=1)
    assert Retention(admin.gateway_context).erase(Policy(timedelta(days=365), timedelta(seconds=1))).count == 1
    page = admin.get("/erasures").text
    assert (record_id in page, "Tidak sah" in page) == (True, True)
    proof = admin.post("/erasures", kit="kit-01", number=record_id).text
    with admin.gateway_context.engine.begin() as connection:
        row = connection.execute(sa.select(erasures)).one()
        acts = connection.scalars(sa.select(access_log.c.act)).all()
    assert (row.statement in proof, row.sha256 in proof) == (True, True)
    assert ("office.erasures" in acts, "office.erasure" in acts) == (True, True)
    admin.get("/erasures")
    assert admin.post("/erasures", kit="kit-02", number=record_id).status_code == 404


def test_the_newest_stand_first_and_one_that_is_not_finished_says_so(
    admin: Browser, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.gateway.office.web.ROWS", 1)
    old, new = arrive(admin, kit), arrive(admin, kit)
    with admin.gateway_context.engine.begin() as connection:
        for days, record_id in enumerate((old, new)):
            row = {"kit": "kit-01", "record_id": record_id, "sha256": "ab" * 32, "size_bytes": 5, "reason": "invalid"}
            at = admin.clock.now() + timedelta(days=days)
            connection.execute(sa.insert(erasures).values(**row, decided_at=at))
    first, second = admin.get("/erasures").text, admin.get("/erasures?page=1").text
    assert (new in first, old in first, "Belum selesai" in first, "page=1" in first) == (True, False, True, True)
    assert (new in second, old in second, "page=0" in second) == (False, True, True)
