"""A province's tables: how long a kit's questions and the office's pages take with a million records, and how that
grows from ten thousand.

`make bench-gateway` fills a million, LOAD=quick a hundred thousand. A kit has 2,000 records in all of them: more
records are more kits. Both sizes stand beside each other and are asked by turns, so that whatever else the machine does
slows both: growth is that of the median, for the p95 of a few milliseconds tells how long others had the processor.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.clock import true_clock
from support.office import Browser
from support.services import Postgres, stand_on

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from fieldkit.app.bootstrap.clock import WIB
from fieldkit.vault import certificates
from fieldkit.vault.certificates import issue_kit, make_csr
from sync.gateway import provision
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule, Submission
from sync.gateway.lookup import Wanted, find_records, records_page
from sync.gateway.routes import readiness
from sync.protocol.messages import PAGE_SIZE, Digest, ReconcileQuestion

IS_WHOLE = os.environ.get("FIELDKIT_GATEWAY_LOAD") == "whole"
LARGE, SMALL, OF_A_KIT = 1_000_000 if IS_WHOLE else 100_000, 10_000, 2000
P95_S, GROWTH = 0.05, 2.0
ASKED = 200

# Number n belongs to kit n / 2000; ids, digests and NIK follow from n. One record in fifty has a NIK that came before.
ID = "(lpad(to_hex(n / 65536), 8, '0') || '-' || lpad(to_hex(n % 65536), 4, '0') || '-4000-8000-000000000000')"
KIT = f"('kit-' || lpad((n / {OF_A_KIT})::text, 4, '0'))"
FILL = (
    f"INSERT INTO kits (kit, certificate, enrolled_at) SELECT DISTINCT {KIT}, :certificate, now() FROM n",
    f"""INSERT INTO manifests (kit, record_id, sha256, size_bytes, chain, sequence, jws, sealed_at, announced_at)
    SELECT {KIT}, {ID}, md5(n::text) || md5(n::text), 1000000, 'c1', n % {OF_A_KIT}, repeat('j', 600),
    now() - n * interval '1 second', now() - n * interval '1 second' FROM n""",
    f"""INSERT INTO records (kit, record_id, "key", received_at, receipt, verified_at, verdict, opened_at, nik_mac)
    SELECT {KIT}, {ID}, 'sealed/' || md5(n::text), now() - n * interval '1 second', repeat('r', 600), now(), 'valid',
    now(), md5((n - (n % 50 = 0)::int)::text) || md5('') FROM n""",
    f"""INSERT INTO statuses (cursor, kit, record_id, code, source, observed_at, reason, verdict)
    SELECT 2 * n + s, {KIT}, {ID}, CASE s WHEN 1 THEN 'RECEIVED_AT_CENTRAL' ELSE 'PRINT_READY_RECORD' END, 'uji coba',
    now(), '', 'valid' FROM n, generate_series(1, 2) AS s""",
)


def fill(engine: sa.Engine, first: int, count: int, certificate: bytes) -> None:
    numbers = f"WITH n AS (SELECT generate_series({first}, {first + count - 1})::bigint AS n) "
    with engine.begin() as connection:
        for statement in FILL:
            said = {"certificate": certificate} if ":certificate" in statement else {}
            connection.execute(sa.text(numbers + statement), said)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))


def id_of(n: int) -> str:
    return f"{n >> 16:08x}-{n & 65535:04x}-4000-8000-000000000000"


def by_turns(asked: list[Callable[[int], object]], numbers: list[list[int]]) -> list[list[float]]:
    """Ask each in its turn; return how long each answer took, sorted, in seconds."""
    taken: list[list[float]] = [[] for _ in asked]
    for row in zip(*numbers, strict=True):
        for ask, n, mine in zip(asked, row, taken, strict=True):
            began = time.perf_counter()
            ask(n)
            mine.append(time.perf_counter() - began)
    return [sorted(each) for each in taken]


def province(folder: Path, postgres_url: str, s3_url: str) -> GatewayContext:
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
    stand_on(folder, postgres_url, s3_url)
    return provision.open_gateway(folder, true_clock())


def questions(gateway_context: GatewayContext) -> dict[str, Callable[[int], object]]:
    ledger = Ledger(gateway_context)

    def kit(n: int) -> str:
        return f"kit-{n // OF_A_KIT:04d}"

    def reconcile(n: int) -> object:
        first = n - n % 500
        for start in range(first, first + 500, PAGE_SIZE):  # as many questions as the kit asks
            ids = range(start, min(start + PAGE_SIZE, first + 500))
            digests = tuple(Digest(record_id=UUID(id_of(each)), sha256="0" * 64) for each in ids)
            ledger.reconcile(kit(n), ReconcileQuestion(records=digests))
        return None

    def search(n: int) -> object:
        with gateway_context.reading() as connection:
            return find_records(connection, id_of(n))

    def page(n: int) -> object:
        with gateway_context.reading() as connection:
            return records_page(connection, replace(Wanted(), kit=kit(n)), WIB)

    def duplicate(n: int) -> object:
        with gateway_context.engine.connect() as connection:
            mac = connection.scalar(sa.text("SELECT nik_mac FROM records WHERE record_id = :id"), {"id": id_of(n)})
            return NikRule().decide(connection, Submission(kit(n), id_of(n), str(mac), ""))

    def office(path: Callable[[int], str]) -> Callable[[int], object]:
        def ask(n: int) -> object:
            answer = browser.get(path(n))
            assert answer.status_code == 200, answer.text
            return answer

        return ask

    def number(n: int) -> object:
        answer = browser.post("/search", number=id_of(n))
        assert id_of(n) in answer.text
        return answer

    clock = true_clock()
    app = build_app(gateway_context, None, catalogues=FieldCatalogues())
    browser = Browser(TestClient(app, base_url="https://gateway.test"), gateway_context, clock)
    browser.client.follow_redirects = True
    browser.sign_in_as("admin")
    browser.get("/search")
    today = clock.now().astimezone(WIB).date()
    return {
        "feed, first page": lambda n: ledger.statuses(kit(n), ""),
        "feed, nothing new": lambda n: ledger.statuses(kit(n), str(2 * LARGE + 10)),
        "counts": lambda n: ledger.counts(kit(n)),
        "reconcile of 500": reconcile,
        "whose record": lambda n: ledger.owner_of(id_of(n), "kit-x"),
        "record search": search,
        "records of a kit": page,
        "duplicate rule": duplicate,
        "office, overview": office(lambda _: "/"),
        "office, kits": office(lambda n: f"/kits?from={kit(n)}"),
        "office, a kit": office(lambda n: f"/kits/{kit(n)}"),
        "office, its day": office(lambda n: f"/kits/{kit(n)}/days/{today - timedelta(n // 86_400)}"),
        "office, its people": office(lambda n: f"/kits/{kit(n)}/people"),
        "office, statuses": office(lambda _: "/statuses?code=PRINT_READY_RECORD"),
        "office, onward": office(lambda _: "/onward"),
        "office, storage": office(lambda _: "/storage"),
        "office, chains": office(lambda _: "/chains"),
        "office, search": number,
        "ready": lambda _: readiness(gateway_context),
    }


@pytest.mark.timeout(3600)
def test_a_million_records_ask_no_more_than_ten_thousand(tmp_path: Path, postgres: Postgres, s3_url: str) -> None:
    sizes, chance = (SMALL, LARGE), Random(3)
    urls = [postgres.new_database() for _ in sizes]
    provinces = [province(tmp_path / str(size), url, s3_url) for size, url in zip(sizes, urls, strict=True)]
    asked = [questions(each) for each in provinces]
    csr = make_csr(certificates.new_private_key())
    for each, size in zip(provinces, sizes, strict=True):
        fill(each.engine, 0, size, issue_kit(each.authority, csr, "kit", true_clock().now()))
    numbers = [[chance.randrange(size) for _ in range(ASKED)] for size in sizes]
    slow, grown = {}, {}
    print(f"\nmedian and p95 at {SMALL:,} and {LARGE:,} records ({datetime.now(UTC):%H:%M}):")
    for name in asked[0]:
        both = [each[name] for each in asked]
        by_turns(both, [each[:20] for each in numbers])  # compiled and in memory, as in any working day
        small, large = by_turns(both, numbers)
        middle, late = ASKED // 2, int(ASKED * 0.95)
        growth = large[middle] / small[middle]
        print(
            f"  {name:20} {1000 * small[middle]:6.1f} {1000 * large[middle]:6.1f} ms   {growth:.2f} times,"
            f"   p95 {1000 * small[late]:6.1f} {1000 * large[late]:6.1f} ms   {large[late] / small[late]:.2f} times"
            f"   (load {os.getloadavg()[0]:.1f})"
        )
        if name != "ready":  # asked by nobody who waits
            slow |= {name: large[late]} if large[late] > P95_S else {}
            grown |= {name: growth} if growth > GROWTH else {}
    for each, url in zip(provinces, urls, strict=True):
        each.engine.dispose()
        postgres.drop(url)
    assert not (slow or grown) or not IS_WHOLE, (slow, grown)  # both are told
