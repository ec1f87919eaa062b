from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from starlette.types import Message, Scope
from support.clock import HandClock
from support.gateway import Kit, open_plainly
from support.tus_headers import checked, checked_at

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from sync.gateway import fence
from sync.gateway.app import build_app
from sync.gateway.blobs import Blobs
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Opener, OpenerWorker
from sync.gateway.operations.metrics import Switches
from sync.gateway.tables import uploads
from sync.gateway.uploads import Uploads
from sync.protocol import tus
from sync.protocol.messages import Announcement

HELLO = {"protocol": 1, "kit": "kit-01", "kit_time": "2026-11-21T03:00:00Z"}


@pytest.fixture
def client(gateway_context: GatewayContext) -> Iterator[TestClient]:
    with TestClient(build_app(gateway_context, Opener(gateway_context, open_plainly, NikRule()))) as made:
        yield made


def test_health_says_who_and_how(client: TestClient, gateway_context: GatewayContext) -> None:
    assert client.get("/health").json() | {"time": ""} == {
        "status": "ok",
        "gateway": gateway_context.name,
        "protocol": 3,
        "time": "",
    }


def test_health_of_a_gateway_whose_opener_runs_elsewhere(gateway_context: GatewayContext) -> None:
    with TestClient(build_app(gateway_context, None)) as client:
        assert client.get("/health").json()["status"] == "ok"


def test_another_protocol_is_told_at_hello(client: TestClient) -> None:
    """A kit of before is served; of two that do not fit the older side is named."""
    for ours in (1, 2, 3):
        assert client.post("/hello", json={**HELLO, "protocol": ours}).json()["oldest_protocol"] == 1
    for other, code in ((0, "protocol.outdated"), (4, "protocol.version")):
        answer = client.post("/hello", json={**HELLO, "protocol": other})
        assert (answer.status_code, answer.json()["code"]) == (426, code)


@pytest.mark.parametrize(("free", "told"), [(None, -1), (0, 0), (256 << 20, 0), ((256 << 20) + 7, 7)])
def test_the_room_for_records_is_told_at_hello(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, free: int | None, told: int
) -> None:
    monkeypatch.setattr(Blobs, "free_bytes", lambda _: free)
    assert client.post("/hello", json=HELLO).json()["free_bytes"] == told


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/reconcile"),
        ("POST", "/announce"),
        ("GET", "/receipts/x"),
        ("GET", "/statuses"),
        ("GET", "/counts"),
        ("GET", "/config"),
        ("POST", "/users"),
        ("POST", "/renewals"),
        ("POST", "/down"),
        ("POST", "/tus"),
        ("HEAD", "/tus/x"),
        ("PATCH", "/tus/x"),
        ("DELETE", "/tus/x"),
    ],
)
def test_nothing_of_a_kit_is_shown_without_a_token(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path, headers={"Tus-Resumable": "1.0.0"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


BY_JWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "auth.grant"),
        ({"grant_type": "password", "client_assertion_type": BY_JWT}, "auth.grant"),
        ({"grant_type": "client_credentials", "client_assertion_type": "password"}, "auth.grant"),
        ({"grant_type": "client_credentials", "client_assertion_type": BY_JWT}, "auth.form"),
    ],
)
def test_only_the_one_grant_is_known(client: TestClient, form: dict[str, str], code: str) -> None:
    assert client.post("/token", data=form).json()["code"] == code


@pytest.mark.parametrize(("size", "code"), [(16 * 1024, "auth.grant"), (16 * 1024 + 1, "auth.form")])
def test_a_huge_form_is_cut(client: TestClient, size: int, code: str) -> None:
    answer = client.post("/token", content=b"x" * size)
    assert (answer.status_code == 413, answer.json()["code"]) == (code == "auth.form", code)


def test_a_flood_is_refused_at_every_message(client: TestClient) -> None:
    assert client.post("/enrol", content=b" " * 2_000_000).json()["code"] == "body.too_large"


def test_a_bad_body_is_refused_without_repeating_it(client: TestClient) -> None:
    answer = client.post("/enrol", json={"code": "SECRET-CODE"})
    assert (answer.status_code, answer.json()["code"]) == (400, "body.invalid")
    assert "SECRET" not in answer.text


def test_the_ca_is_public_and_the_configuration_is_not(client: TestClient, kit: Kit) -> None:
    ca = client.get("/ca").json()["ca_certificate"]
    assert ca == kit.answer.configuration.model_dump(mode="json")["ca_certificate"]
    assert client.get("/openapi.json").status_code == 404


@pytest.mark.parametrize(
    ("limits", "method", "path", "code", "again"),
    [
        ({"requests_per_address": 0}, "GET", "/ca", "client.too_many", "5"),
        ({"address_requests_a_minute": 0}, "GET", "/ca", "rate.requests", "60"),
        ({"address_enrolments_a_minute": 0}, "POST", "/enrol", "rate.requests", "60"),
        ({"kit_requests_a_minute": 0}, "GET", "/counts", "rate.requests", "60"),
    ],
)
def test_each_bound_stands_in_front_of_the_routes(
    gateway_context: GatewayContext, kit: Kit, limits: dict[str, int], method: str, path: str, code: str, again: str
) -> None:
    headers = {"Authorization": f"Bearer {kit.token(gateway_context)}"} if path == "/counts" else {}
    bound = replace(gateway_context, limits=replace(gateway_context.limits, **limits))
    answer = TestClient(build_app(bound, None)).request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, code, again)


def test_a_data_center_that_moved_serves_no_more(
    client: TestClient, gateway_context: GatewayContext, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fence, "LOOK_EVERY_S", 0.0)
    fence.put_up(gateway_context.engine, "/srv/new", clock.now())
    assert client.get("/ca").json()["code"] == "gateway.moved"


def test_a_fault_of_the_disk_is_answered_in_our_form(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_self: Blobs) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Blobs, "free_bytes", full)
    assert client.post("/hello", json=HELLO).json()["code"] == "server.full"
    assert caplog.messages == ["POST /hello: the disk is full"]


def test_every_answer_of_tus_bears_its_version_and_says_it_to_who_has_another(client: TestClient) -> None:
    refused = client.post("/tus")
    assert (refused.status_code, refused.headers["Tus-Version"]) == (412, tus.VERSION)
    assert "Tus-Version" not in client.post("/tus", headers={"Tus-Resumable": tus.VERSION}).headers
    assert refused.headers["Tus-Resumable"] == tus.VERSION
    assert "Tus-Resumable" not in client.get("/ca").headers
    assert not {"www-authenticate", "retry-after"} & set(refused.headers)


def test_a_client_that_goes_away_in_the_middle_gets_no_error_of_ours(
    gateway_context: GatewayContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sync.gateway.app")
    scope: Scope = {"type": "http", "method": "POST", "path": "/token", "query_string": b"", "headers": []}
    answers: list[Message] = []

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def keep(message: Message) -> None:
        answers.append(message)

    asyncio.run(build_app(gateway_context, None)({**scope, "client": ("10.0.0.1", 1)}, leave, keep))
    assert ([message.get("status") for message in answers], caplog.messages) == ([400, None], ["the client went away"])


@pytest.mark.parametrize("is_on", [False, True])
def test_what_is_switched_on_is_there(
    gateway_context: GatewayContext, capsys: pytest.CaptureFixture[str], is_on: bool
) -> None:
    handlers = list(logging.root.handlers)
    catalogues = {"id": strict_catalogue("id")} if is_on else None
    switches = Switches(logs_json=is_on, shows_openapi=is_on, metrics_token="token" if is_on else "")
    try:
        with TestClient(build_app(gateway_context, None, switches, catalogues), follow_redirects=True) as client:
            metrics = client.get("/metrics", headers={"Authorization": "Bearer token"})
            found = [client.get(path).status_code == 200 for path in ("/openapi.json", "/office/")]
        assert (metrics.status_code, found) == ((200 if is_on else 403), [is_on, is_on])
        assert ("fieldkit_ready 1.0" in metrics.text, "fieldkit_requests" in metrics.text) == (is_on, is_on)
        assert ('"route": "/metrics"' in capsys.readouterr().err) is is_on
        assert len(logging.root.handlers) == len(handlers) + is_on
    finally:
        logging.root.handlers[:] = handlers


def test_an_answer_of_the_abis_has_its_place(client: TestClient) -> None:
    assert client.post("/onward/answers", json={}).json()["code"] == "onward.unknown"


def test_threads_live_as_long_as_the_application(gateway_context: GatewayContext) -> None:
    app = build_app(gateway_context, Opener(gateway_context, open_plainly, NikRule()))
    both = ["opener.stopped", "scrub.stopped"]
    for problems, status in ((both, "opener stopped"), ([], "ok"), (both, "opener stopped")):
        asked = TestClient(app)  # without its life
        if not problems:
            asked.__enter__()
        assert asked.get("/ready").json()["problems"] == problems
        assert asked.get("/health").json()["status"] == status
        if not problems:
            pool = gateway_context.engine.pool
            asked.__exit__()
            assert gateway_context.engine.pool is not pool  # nobody keeps a connection


def test_uploads_that_ran_out_go_at_the_start(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, _, _ = kit.record(size=100)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    Uploads(gateway_context).create(kit.name, record_id, 100)
    kit.clock.advance(seconds=(gateway_context.limits.upload_life + timedelta(seconds=1)).total_seconds())
    with TestClient(build_app(gateway_context, None)), gateway_context.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(uploads)) == 0


@pytest.mark.parametrize("opens", [False, True])
def test_an_opener_inside_is_woken_by_a_receipt(
    gateway_context: GatewayContext, kit: Kit, monkeypatch: pytest.MonkeyPatch, opens: bool
) -> None:
    woken: list[OpenerWorker] = []
    monkeypatch.setattr(OpenerWorker, "wake", lambda worker: woken.append(worker))
    client = TestClient(build_app(gateway_context, Opener(gateway_context, open_plainly, NikRule()) if opens else None))
    headers = {"Authorization": f"Bearer {kit.token(gateway_context)}"}
    (one, manifest, sealed, _), (other, whole, quick, _) = kit.record(size=100), kit.record(size=100)
    client.post("/announce", json={"manifests": [manifest, whole]}, headers=headers)
    client.post("/tus", headers={**headers, **tus.creation_headers(100, one)})
    sent = client.patch(f"/tus/{one}", headers={**headers, **checked_at(0, sealed)}, content=sealed)
    assert (sent.status_code, len(woken)) == (204, opens)
    monkeypatch.delattr(Uploads, "create")  # what comes whole is taken without
    both = {**headers, **tus.creation_headers(100, other), **checked(quick)}
    assert (client.post("/tus", headers=both, content=quick).status_code, len(woken)) == (201, 2 * opens)
