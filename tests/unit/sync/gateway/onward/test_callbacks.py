from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from support.gateway import Kit

from fieldkit.ports.onward import OnwardState, Outcome
from sync.gateway.app import build_app
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.onward.callbacks import PATH
from sync.gateway.onward.queue import Loan, OnwardQueue
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
