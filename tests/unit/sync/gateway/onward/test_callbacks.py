from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.gateway import Kit, enrolled_kit, receive

from fieldkit.ports.onward import OnwardState, Outcome
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.onward.callbacks import PATH
from sync.gateway.onward.queue import Loan, OnwardQueue
from sync.gateway.tables import onward, records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.onward.conftest import Arrive


@pytest.fixture
def client(gateway_context: GatewayContext) -> Iterator[TestClient]:
    with TestClient(build_app(gateway_context, None)) as made:
        yield made


@pytest.fixture
def waiting(queue: OnwardQueue, arrive: Arrive) -> Loan:
    """A record that an ABIS searches for."""
    arrive()
    queue.take_in()
    (loan,) = queue.borrow(1)
    queue.settle(loan, Outcome(OnwardState.HANDED_OVER))
    return loan


def candidate(person: str) -> dict[str, object]:
    return {"personId": person, "rank": 1, "score": 9.5}


@pytest.mark.parametrize(("other", "code"), [(False, "PRINT_READY_RECORD"), (True, "ADJUDICATE_RECORD")])
def test_candidates_become_a_status_of_the_abis(
    gateway_context: GatewayContext, client: TestClient, waiting: Loan, kit: Kit, other: bool, code: str
) -> None:
    found = [candidate(waiting.person), *([candidate("q")] if other else [])]
    for _ in range(2):
        assert client.post(PATH, params={"transactionId": waiting.transaction_id}, json=found).status_code == 204
    items = Ledger(gateway_context).statuses(kit.name, "").items
    assert [(item.code, item.source) for item in items][-1] == (code, "SIAK")
    assert len([item for item in items if item.source == "SIAK"]) == 2


def test_an_error_is_a_matter_for_a_person(client: TestClient, waiting: Loan, queue: OnwardQueue) -> None:
    headers = {"Content-Type": "application/error+json"}
    params = {"transactionId": waiting.transaction_id}
    said = client.post(PATH, params=params, headers=headers, content=b'{"code": 5, "message": "no template"}')
    assert said.status_code == 204
    assert queue.borrow(1) == ()


@pytest.mark.parametrize(("content", "status"), [(b"{", 400), (b"{}", 400), (b"[1]", 400), (b"[" * 99_999, 400)])
def test_what_cannot_be_read_is_refused(client: TestClient, waiting: Loan, content: bytes, status: int) -> None:
    assert client.post(PATH, params={"transactionId": waiting.transaction_id}, content=content).status_code == status


@pytest.mark.parametrize("transaction", ["", "x", "\0"])
def test_nobody_answers_what_was_not_asked(client: TestClient, waiting: Loan, transaction: str) -> None:
    assert client.post(PATH, params={"transactionId": transaction}, json=[]).status_code == 403


def test_an_error_is_kept_in_its_words_whatever_form_it_has(
    gateway_context: GatewayContext, client: TestClient, waiting: Loan
) -> None:
    headers, params = {"Content-Type": "application/error+json"}, {"transactionId": waiting.transaction_id}
    told = []
    for content in (b'{"code": 5, "message": "no template"}', b"[]", b"7"):
        assert client.post(PATH, params=params, headers=headers, content=content).status_code == 204
        with gateway_context.reading() as connection:
            told.append(tuple(connection.execute(sa.select(onward.c.state, onward.c.reason)).one()))
    assert told == [("failed", "5 no template"), ("failed", ""), ("failed", "")]


def test_who_has_no_nik_is_known_by_the_record_and_an_answer_is_of_its_kit(
    gateway_context: GatewayContext, client: TestClient, kit: Kit, queue: OnwardQueue, arrive: Arrive, folder: Path
) -> None:
    other = enrolled_kit(folder, gateway_context, kit.clock, "kit-02")
    record_id = arrive(nik="")
    queue.take_in()
    (loan,) = queue.borrow(1)
    _, manifest, sealed, _ = other.record(size=200, record_id=record_id)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(verdict=""))
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, record_id, sealed)
    further = arrive()
    assert further != record_id
    found = [candidate(record_id)]
    assert client.post(PATH, params={"transactionId": loan.transaction_id}, json=found).status_code == 204
    items = Ledger(gateway_context).statuses(kit.name, "").items
    assert [item.code for item in items if item.source == "SIAK"] == ["PRINT_READY_RECORD"]
