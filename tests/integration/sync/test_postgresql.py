"""The same gateway over a real PostgreSQL, as a province would run it; two of them at once share one truth."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from starlette.testclient import TestClient
from support.gateway import Kit, World, enrolled_kit, open_plainly, receive
from support.outbox import SmallOutbox, codes_once
from support.services import stand_on
from support.wrong_input import faults

from fieldkit.domain.people import Role
from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca, issue_kit, make_csr
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.custody import Scrub
from sync.gateway.database import (
    FEED,
    SHIPPED,
    Migrations,
    Refusal,
    alone,
    bring_up,
    draw_number,
    open_database,
    reading,
)
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Circumstances, OpenedRecord, Opener
from sync.gateway.opening.claims import missing
from sync.gateway.routes import readiness
from sync.gateway.tables import kit_certificates, metadata, parts, records, statuses
from sync.protocol.messages import Announcement, Enrolment, UserRequest


def on_postgresql(folder: Path, database: str) -> World:
    world = World(folder)
    world.gateway_context.engine.dispose()
    stand_on(folder, database)
    return world


def test_records_travel_and_get_their_statuses(postgres_url: str, tmp_path: Path) -> None:
    world = on_postgresql(tmp_path / "gateway", postgres_url)
    world.start()
    kit, outbox = world.enrol_kit("kit-01"), SmallOutbox(tmp_path / "kit")
    first, second = kit.queue(outbox, size=300_000), kit.queue(outbox, size=20_000)
    for record in (first, second):
        codes_once(outbox, record, 2, lambda: kit.run(outbox, world.url))
    report = kit.run(outbox, world.url)
    world.stop()
    assert (report.held_here, report.held_there, report.lost) == (2, 2, ())
    assert sorted([outbox.codes(first)[-1], outbox.codes(second)[-1]]) == ["DUPLICATE_RECORD", "PRINT_READY_RECORD"]


@pytest.mark.days
def test_wrong_input_is_never_a_fault_of_ours(postgres_url: str, tmp_path: Path) -> None:
    """PostgreSQL takes no NUL, no long text and no far year where SQLite does."""
    world = on_postgresql(tmp_path / "gateway", postgres_url)
    world.start()
    kit = world.enrol_kit("kit-02")
    with TestClient(build_app(world.gateway_context, None)) as client:
        assert faults(client, kit, world.gateway_context) == []
    world.stop()


def test_of_several_workers_one_scrubs(postgres_url: str) -> None:
    engines = [open_database(postgres_url) for _ in range(2)]
    with alone(engines[0], 7) as first, alone(engines[1], 7) as second, alone(engines[1], 8) as other:
        assert (first, second, other) == (True, False, True)
    with alone(engines[1], 7) as again:
        assert again
    for engine in engines:
        engine.dispose()


@pytest.mark.days
def test_of_enrolments_at_the_same_moment_one_is_left_admitted(postgres_url: str, tmp_path: Path) -> None:
    world = on_postgresql(tmp_path / "gateway", postgres_url)
    gateway_context = provision.open_gateway(world.folder, world.clock)
    admission = Admission(gateway_context)
    slip = provision.enrol_code(world.folder, "https://x", "kit-03", "admin", world.clock)
    kit_key = certificates.new_private_key()

    def enter(_: int) -> str:
        key = certificates.new_private_key()
        admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(key))
        answer = admission.enrol(Enrolment(code=slip.code, kit_csr=make_csr(key), admin=admin))
        try:
            admission.issue_token(Kit("kit-03", key, kit_key, answer, world.clock).assertion(gateway_context.name))
        except Refusal as refusal:
            return refusal.code
        return "token"

    with ThreadPoolExecutor(8) as pool:
        outcomes = [said.exception() or said.result() for said in [pool.submit(enter, n) for n in range(8)]]
    gateway_context.engine.dispose()
    assert outcomes.count("token") == 1
    assert {str(other) for other in outcomes} <= {"token", "auth.kit_revoked", "403 enrol.code", "503 server.busy"}


@pytest.mark.days
def test_numbers_of_the_feed_become_visible_in_their_order(postgres_url: str) -> None:
    """A reader with a cursor must never skip a number that commits late."""
    engines = [open_database(postgres_url) for _ in range(2)]
    with engines[0].begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS feed_order"))
        connection.execute(sa.text("CREATE TABLE feed_order (number BIGINT PRIMARY KEY)"))
    gaps: list[set[int]] = []
    is_written = threading.Event()

    def write(engine: sa.Engine) -> None:
        for _ in range(50):
            with engine.begin() as connection:
                number = draw_number(connection, FEED)
                connection.execute(sa.text("INSERT INTO feed_order VALUES (:n)"), {"n": number})
                time.sleep(0.001)

    def read() -> None:
        while not is_written.is_set():
            with engines[0].connect() as connection:
                seen = set(connection.scalars(sa.text("SELECT number FROM feed_order")))
            if seen:
                gaps.append(set(range(min(seen), max(seen) + 1)) - seen)

    with ThreadPoolExecutor(3) as pool:
        reading = pool.submit(read)
        try:
            for done in [pool.submit(write, engine) for engine in engines]:
                done.result()
        finally:
            is_written.set()
        reading.result()
    for engine in engines:
        engine.dispose()
    assert gaps
    assert not any(gaps)


@pytest.mark.days
def test_a_province_of_the_first_program_goes_on(postgres_url: str) -> None:
    """The tables of the first revision get the newer ones, with their rows; two programs may do it at once."""
    old = sa.create_engine(postgres_url)
    bring_up(old, Migrations(SHIPPED.folder, "0001"))
    at = datetime(2026, 11, 20, tzinfo=UTC)
    ca = create_ca("Dinas Uji", at)
    certificate = issue_kit(ca, make_csr(certificates.new_private_key()), "kit-01", at)
    rows = {
        "kits": {"kit": "kit-01", "certificate": certificate, "enrolled_at": at},
        "manifests": {
            "record_id": "r1",
            "kit": "kit-01",
            "sha256": "a" * 64,
            "size_bytes": 3,
            "chain": "c1",
            "sequence": 1,
            "jws": "a.b.c",
            "sealed_at": at,
            "announced_at": at,
        },
        "records": {"record_id": "r1", "key": "sealed/x", "received_at": at, "receipt": "r.e.c", "verdict": "valid"},
        "uploads": {"record_id": "r1", "length": 3, "offset": 3, "expires_at": at},
        "parts": {"record_id": "r1", "start": 0, "key": "parts/x"},
        "statuses": {
            "cursor": 1,
            "record_id": "r1",
            "kit": "kit-01",
            "code": "X",
            "source": "s",
            "observed_at": at,
            "reason": "",
            "verdict": "valid",
        },
    }
    with old.begin() as connection:
        for table, row in rows.items():
            known = sa.Table(table, sa.MetaData(), autoload_with=connection)
            connection.execute(sa.insert(known).values(row))
        connection.execute(sa.text("DROP TABLE alembic_version"))
    old.dispose()

    with ThreadPoolExecutor(2) as pool:
        engines = [done.result() for done in [pool.submit(open_database, postgres_url) for _ in range(2)]]

    with engines[0].begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        (record,) = connection.execute(sa.select(records)).all()
        assert (record.kit, record.record_id, record.verified_at, record.lost_at) == ("kit-01", "r1", at, None)
        assert connection.scalars(sa.select(parts.c.carrier)).all() == ["kit-01"]
        assert connection.scalars(sa.select(statuses.c.kit)).all() == ["kit-01"]
        assert connection.scalars(sa.select(kit_certificates.c.certificate)).all() == [certificate]
    for engine in engines:
        engine.dispose()


@pytest.mark.days
def test_custody_works_on_postgresql(postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A record that breaks our code, a lost object, its way back, a fork: all of it in this dialect."""
    world = World(tmp_path / "gateway")
    world.gateway_context.engine.dispose()
    stand_on(world.folder, postgres_url)
    gateway_context = provision.open_gateway(world.folder, world.clock)
    kit = enrolled_kit(world.folder, gateway_context, world.clock, "kit-pg")
    ledger = Ledger(gateway_context)
    made = [kit.record(size=1000, nik=f"33150141079{n:05d}") for n in range(3)]
    ledger.announce(kit.name, Announcement(manifests=tuple(manifest for _, manifest, _, _ in made)))
    for record_id, _, sealed, _ in made:
        receive(gateway_context, kit, record_id, sealed)
    provision.sealed_path(world.folder, made[0][3]).unlink()

    def breaks_second(sealed: bytes, known: Circumstances) -> OpenedRecord:
        opened = open_plainly(sealed, known)
        return replace(opened, amends="x" * 100) if opened.link.sequence == 2 else opened

    opener = Opener(gateway_context, breaks_second, NikRule())
    opener.run_pending()
    counts, word = ledger.counts(kit.name), readiness(gateway_context)
    assert (counts.received, counts.lost, word.set_aside, word.lost) == (2, 1, 1, 1)
    assert "x" * 100 not in caplog.text
    receive(gateway_context, kit, made[0][0], made[0][2])
    opener = Opener(gateway_context, open_plainly, NikRule())
    assert (opener.release(), opener.run_pending()) == (1, 2)
    assert readiness(gateway_context).is_ready
    kit.sequence = 0
    _, fork, _, _ = kit.record(size=100)
    assert ledger.announce(kit.name, Announcement(manifests=(fork,))).manifests[0].note == "manifest.fork"
    assert Scrub(gateway_context).run().lost == ()
    gateway_context.engine.dispose()


@pytest.mark.days
def test_several_who_announce_one_chain_at_once_leave_the_gaps_right(postgres_url: str, tmp_path: Path) -> None:
    world = on_postgresql(tmp_path / "gateway", postgres_url)
    contexts = [provision.open_gateway(world.folder, world.clock) for _ in range(4)]
    kit = enrolled_kit(world.folder, contexts[0], world.clock, "kit-06")
    signed = [kit.record(size=100)[1] for _ in range(40)]

    def announce(worker: int) -> None:
        for manifest in signed[worker::5]:  # a fifth of them never comes
            Ledger(contexts[worker]).announce(kit.name, Announcement(manifests=(manifest,)))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(announce, worker) for worker in range(4)]:
            done.result()
    gaps = missing(contexts[0], patience=timedelta(0))
    assert sorted((gap.first, gap.last) for gap in gaps) == [(place, place) for place in range(5, 40, 5)]
    for each in contexts:
        each.engine.dispose()


def test_a_connection_that_rested_is_looked_at_before_it_is_used(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(postgres_url)

    def whose() -> int:
        with reading(engine) as connection:
            return connection.scalar(sa.text("SELECT pg_backend_pid()")) or 0

    def cut() -> None:
        before = whose()
        with sa.create_engine(postgres_url, poolclass=sa.NullPool).connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": before})

    cut()
    with pytest.raises(sa.exc.OperationalError):  # at once: who asks is told that it is away
        whose()
    assert whose()
    cut()
    monkeypatch.setattr("sync.gateway.database._Rested._AFTER_S", 0.0)
    assert whose()
    engine.dispose()
