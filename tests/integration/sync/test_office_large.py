"""The office page of a province: PostgreSQL beneath, and several workers that know nothing of each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.clock import HandClock, true_clock
from support.gateway import Kit, enrolled_kit, open_plainly, receive
from support.office import Browser
from support.services import stand_on

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from sync.gateway import provision
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Opener
from sync.gateway.tables import access_log
from sync.protocol.messages import Announcement

PAGES = ("/", "/kits", "/kits/kit-01", "/kits/kit-01/people", "/kits/kit-01/lost", "/search", "/statuses", "/onward")
MORE = ("/statuses?code=PRINT_READY_RECORD", "/storage", "/certificates", "/chains", "/slips", "/accounts", "/log")
SENT = ("/bundles", "/erasures")


@pytest.fixture
def clock() -> HandClock:
    return true_clock()


@pytest.fixture
def folder(tmp_path: Path, clock: HandClock, postgres_url: str) -> Path:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    stand_on(tmp_path / "gateway", postgres_url)
    return tmp_path / "gateway"


@pytest.fixture
def workers(folder: Path, clock: HandClock) -> Iterator[list[GatewayContext]]:
    opened = [provision.open_gateway(folder, clock) for _ in range(2)]
    yield opened
    for gateway_context in opened:
        gateway_context.engine.dispose()


def office_of(gateway_context: GatewayContext) -> TestClient:
    app = build_app(gateway_context, None, catalogues=FieldCatalogues())
    return TestClient(app, base_url="https://gateway.test", follow_redirects=True)


def arrive(gateway_context: GatewayContext, kit: Kit, nik: str = "3315014107900001") -> str:
    record_id, manifest, sealed, _ = kit.record(size=1000, nik=nik)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id


@pytest.mark.days
def test_any_worker_knows_the_session_the_spent_code_and_the_wrong_tries(
    folder: Path, workers: list[GatewayContext], clock: HandClock
) -> None:
    first, second = (office_of(each) for each in workers)
    browser = Browser(first, workers[0], clock)
    given = browser.sign_in_as("admin")
    other = Browser(second, workers[1], clock)
    assert other.sign_in(given).status_code == 403  # the code counted there
    second.cookies = first.cookies
    assert other.get("/kits").url.path == "/office/kits"
    other.post("/sign-out")
    assert browser.get("/kits").url.path == "/office/sign-in"
    for turn in range(4):
        (browser, other)[turn % 2].get("/sign-in")
        answer = (browser, other)[turn % 2].post("/sign-in", name="admin", passphrase="wrong", code="0")
    assert "Terlalu banyak" not in answer.text
    other.post("/sign-in", name="admin", passphrase="wrong", code="0")
    assert "Terlalu banyak" in browser.post("/sign-in", name="admin", passphrase="wrong", code="0").text


@pytest.mark.days
def test_every_page_reads_from_postgresql(folder: Path, workers: list[GatewayContext], clock: HandClock) -> None:
    gateway_context = workers[0]
    kit = enrolled_kit(folder, gateway_context, clock, "kit-01")
    kit.token(gateway_context)
    record_id = arrive(gateway_context, kit)
    kit.sequence -= 1
    arrive(gateway_context, kit, "3315014107900002")
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    browser = Browser(office_of(gateway_context), gateway_context, clock)
    browser.sign_in_as("admin")
    for path in (*PAGES, *MORE, *SENT, f"/kits/kit-01/days/{clock.today()}"):
        assert browser.get(path).status_code == 200, path
    browser.get("/search")
    assert "Siap cetak (PRR)" in browser.post("/search", number=record_id[:9]).text
    assert record_id in browser.post("/search", number="3315014107900001").text
    browser.get("/kits/kit-01/lost")
    assert "ditolak" in browser.post("/kits/kit-01/lost", confirmation="kit-01").text
    with gateway_context.engine.begin() as connection:
        acts = connection.scalars(sa.select(access_log.c.act)).all()
    assert {"records.list", "records.find_record", "records.find_nik", "office.kit_lost"} <= set(acts)
