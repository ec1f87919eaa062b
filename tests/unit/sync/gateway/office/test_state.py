from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from support.gateway import Kit, receive
from support.office import Browser

from sync.gateway.ledger import Ledger
from sync.gateway.office.state import database_bytes
from sync.gateway.operations.backup import make_backup
from sync.gateway.tables import access_log, onward, records
from sync.protocol.messages import Announcement


def arrive(browser: Browser, kit: Kit) -> str:
    record_id, manifest, sealed, _ = kit.record(size=1000)
    Ledger(browser.gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(browser.gateway_context, kit, record_id, sealed)
    return record_id


def test_storage_names_what_is_lost_and_set_aside(admin: Browser, kit: Kit) -> None:
    assert "Bekerja penuh" in admin.get("/storage").text
    lost, aside, whole = (arrive(admin, kit) for _ in range(3))
    at = admin.clock.now()
    with admin.gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).where(records.c.record_id == lost).values(lost_at=at))
        failed = {"set_aside_at": at, "set_aside_error": "ValueError"}
        connection.execute(sa.update(records).where(records.c.record_id == aside).values(**failed))
        assert database_bytes(connection) > 10_000
    page = admin.get("/storage").text
    assert ("Tidak bekerja penuh" in page, lost in page, aside in page, "ValueError" in page) == (True,) * 4
    assert whole not in page


def test_whoever_looks_stands_in_the_log(admin: Browser) -> None:
    for path in ("/storage", "/chains", "/onward"):
        admin.get(path)
    with admin.gateway_context.engine.begin() as connection:
        acts = connection.scalars(sa.select(access_log.c.act)).all()
    assert {"office.storage", "office.chains", "office.onward"} <= {*acts}


def test_backups_are_told_and_an_old_one_is_a_concern(admin: Browser, kit: Kit, folder: Path, tmp_path: Path) -> None:
    warning = "Cadangan terakhir lebih tua"
    assert warning not in admin.get("/").text  # nothing to back up
    arrive(admin, kit)
    assert (warning in admin.get("/").text, "Belum ada cadangan" in admin.get("/storage").text) == (True, True)
    make_backup(admin.gateway_context, folder, tmp_path / "backups")
    assert (warning in admin.get("/").text, "Belum ada cadangan" in admin.get("/storage").text) == (False, False)


def test_a_number_used_twice_is_shown_with_both_records(admin: Browser, kit: Kit) -> None:
    assert "Tidak ada nomor urut" in admin.get("/chains").text
    first = arrive(admin, kit)
    kit.sequence -= 1
    second, alone = arrive(admin, kit), arrive(admin, kit)
    page = admin.get("/chains").text
    assert (first in page, second in page, alone in page) == (True, True, False)


def test_the_queue_shows_what_failed_first(admin: Browser, kit: Kit) -> None:
    assert "Tidak ada rekaman dengan keadaan ini." in admin.get("/onward").text
    at = admin.clock.now()
    with_state = {arrive(admin, kit): state for state in ("waiting", "failed", "none")}
    with admin.gateway_context.engine.begin() as connection:
        for record_id, state in with_state.items():
            row = {"kit": "kit-01", "record_id": record_id, "queued_at": at, "next_try_at": at}
            connection.execute(sa.insert(onward).values(**row, state=state, transaction_id=record_id))
    shown = {state: record_id[:8] for record_id, state in with_state.items()}
    first, other = admin.get("/onward").text, admin.get("/onward?state=waiting").text
    assert (shown["failed"] in first, shown["waiting"] in first) == (True, False)
    assert (shown["failed"] in other, shown["waiting"] in other) == (False, True)
    assert shown["failed"] in admin.get("/onward?state=none").text  # what nobody hands on is no queue
    for state, is_first in (("rejected", True), ("acknowledged", False)):
        with admin.gateway_context.engine.begin() as connection:
            connection.execute(sa.update(onward).where(onward.c.state.in_(("failed", "rejected"))).values(state=state))
        page = admin.get("/onward").text
        assert (shown["failed"] in page, shown["waiting"] in page) == (is_first, not is_first)
