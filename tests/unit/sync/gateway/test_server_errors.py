from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from support.gateway import Kit

from sync.gateway.app import build_app
from sync.gateway.blobs import ObjectsAwayError
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.server_errors import ServerErrors, is_away

NIK = "3173051203900001"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app, broken = FastAPI(), tmp_path / "broken.sqlite3"
    broken.write_bytes(b"garbage" * 1000)

    @app.get("/people/{nik}")
    def person(nik: str) -> str:
        try:
            return str(int(f"x{nik}"))
        except ValueError as error:
            raise RuntimeError(f"bad {nik}") from error

    @app.get("/full")
    def full() -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    @app.get("/away")
    def away() -> str:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    @app.get("/damaged")
    def damaged() -> str:
        engine = sa.create_engine(f"sqlite:///{broken}")
        with engine.connect() as connection:
            return str(connection.exec_driver_sql("SELECT * FROM kits").all())

    @app.get("/store-away")
    def store_away() -> str:
        raise ObjectsAwayError("GenericError")

    app.add_middleware(ServerErrors)
    with TestClient(app) as made:
        yield made


def test_a_fault_is_logged_with_its_place_and_without_what_was_sent(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get(f"/people/{NIK}")
    assert (answer.status_code, answer.json()) == (500, {"code": "server.error", "message": ""})
    (entry,) = caplog.records
    assert entry.levelno == logging.ERROR
    told = entry.getMessage()
    assert told.startswith("GET /people/{nik} failed")
    assert "in person" in told
    assert "RuntimeError" in told
    assert "ValueError" in told
    assert NIK not in caplog.text
    caplog.clear()


def test_a_database_that_is_away_is_asked_for_later(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/away")
    assert (answer.status_code, answer.json()["code"]) == (503, "server.busy")
    (entry,) = caplog.records
    assert entry.getMessage() == "GET /away: the database is away"
    caplog.clear()


def test_a_database_that_the_disk_damaged_is_one_line(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/damaged")
    assert (answer.status_code, answer.json()["code"]) == (503, "server.busy")
    (entry,) = caplog.records
    assert entry.getMessage() == "GET /damaged: the database is damaged; put a backup back"
    caplog.clear()


def test_an_object_store_that_is_away_is_no_fault_of_the_record(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/store-away")
    assert (answer.status_code, answer.json()["code"]) == (503, "server.busy")
    assert [entry.getMessage() for entry in caplog.records] == [
        "GET /store-away: the object store is away: GenericError"
    ]
    caplog.clear()


def test_only_a_database_server_can_be_away() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(sa.exc.OperationalError) as caught:
        connection.exec_driver_sql("SELECT * FROM nothing")
    engine.dispose()
    assert not is_away(caught.value)
    assert is_away(sa.exc.TimeoutError("no connection to spare"))
    assert not is_away(RuntimeError())


def test_a_full_disk_is_no_fault_of_ours(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/full")
    assert (answer.status_code, answer.json()["code"]) == (507, "server.full")
    assert [entry.getMessage() for entry in caplog.records] == ["GET /full: the disk is full"]


def test_what_went_wrong_after_the_answer_began_is_logged_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("half")(scope, receive, send)
        raise RuntimeError

    answer = TestClient(ServerErrors(breaks)).get("/")
    assert answer.text == "half"
    assert "GET (no route) failed" in caplog.text
    caplog.clear()


def test_a_fault_of_the_gateway_is_told_to_the_kit_and_in_the_log(
    gateway_context: GatewayContext, kit: Kit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def planted(_ledger: Ledger, _kit: str) -> None:
        raise KeyError(NIK)

    monkeypatch.setattr(Ledger, "counts", planted)
    with TestClient(build_app(gateway_context, None)) as client:
        headers = {"Authorization": f"Bearer {kit.token(gateway_context)}"}
        answer = client.get("/counts", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (500, "server.error")
    assert "GET /counts failed" in caplog.text
    assert "KeyError" in caplog.text
    assert NIK not in caplog.text
    caplog.clear()


def raises(error: Exception) -> ServerErrors:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    return ServerErrors(app)


def of_sqlite(code: int) -> sa.exc.DatabaseError:
    cause = sqlite3.DatabaseError()
    cause.sqlite_errorcode = code
    return sa.exc.DatabaseError("SELECT 1", {}, cause)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (of_sqlite(sqlite3.SQLITE_CORRUPT), 503),
        (of_sqlite(sqlite3.SQLITE_CORRUPT | 1 << 8), 503),
        (of_sqlite(sqlite3.SQLITE_NOTADB), 503),
        (of_sqlite(sqlite3.SQLITE_MISUSE), 500),
        (sa.exc.DatabaseError("SELECT 1", {}, sqlite3.DatabaseError()), 500),
        (sa.exc.TimeoutError(), 503),
        (ObjectsAwayError("GenericError"), 503),
        (OSError(errno.ENOSPC, "full"), 507),
        (OSError(errno.EACCES, "not ours"), 500),
        (KeyError("x"), 500),
    ],
)
def test_each_trouble_has_its_answer(error: Exception, status: int, caplog: pytest.LogCaptureFixture) -> None:
    assert TestClient(raises(error)).get("/").status_code == status
    assert len(caplog.records) == 1


def test_what_is_no_request_fails_as_it_does() -> None:
    with pytest.raises(KeyError, match="lifespan"), TestClient(raises(KeyError("lifespan"))):
        pass


@pytest.mark.days
def test_each_cause_of_a_fault_is_told_the_named_one_first(caplog: pytest.LogCaptureFixture) -> None:
    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        try:
            raise ValueError
        except ValueError:
            try:
                raise RuntimeError
            except RuntimeError:
                raise KeyError from ZeroDivisionError()

    TestClient(ServerErrors(app)).get("/")
    assert ("ZeroDivisionError" in caplog.text, "RuntimeError" in caplog.text) == (True, False)
    caplog.clear()

    async def without_a_name(_scope: Scope, _receive: Receive, _send: Send) -> None:
        try:
            raise ValueError
        except ValueError:
            raise KeyError  # noqa: B904

    TestClient(ServerErrors(without_a_name)).get("/")
    assert ("KeyError" in caplog.text, "ValueError" in caplog.text) == (True, True)
