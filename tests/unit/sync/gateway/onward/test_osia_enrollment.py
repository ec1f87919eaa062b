from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.onward import hand_over
from support.osia_enrollment import INTERFACE
from support.osia_server import OsiaServer, Said, serving

from fieldkit.domain.errors import KnownError
from fieldkit.ports.delivery import OnwardState, Outcome
from sync.gateway.onward.osia import Access, OsiaClient, OsiaEnrollment

DONE = Outcome(OnwardState.ACKNOWLEDGED)


class Enrollments:
    """The server's store: creates, reads, finalizes."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Any]] = {}

    def create(self, names: Mapping[str, str], query: Mapping[str, list[str]], body: Any) -> Said:
        record_id = names["enrollmentId"]
        if record_id in self.held:
            return 409, None
        status = "FINALIZED" if query.get("finalize") == ["true"] else "IN_PROGRESS"
        self.held[record_id] = {**body, "enrollmentId": record_id, "status": status}
        return 204, None

    def read(self, names: Mapping[str, str], query: Mapping[str, list[str]], _body: Any) -> Said:
        held = self.held.get(names["enrollmentId"])
        wanted = {"enrollmentId", "status", *query.get("attributes", [])}
        return (404, None) if held is None else (200, {name: held[name] for name in wanted if name in held})

    def finalize(self, names: Mapping[str, str], _query: object, _body: object) -> Said:
        self.held[names["enrollmentId"]]["status"] = "FINALIZED"
        return 204, None


@pytest.fixture
def store() -> Enrollments:
    return Enrollments()


@pytest.fixture
def server(store: Enrollments) -> Iterator[OsiaServer]:
    handlers = {
        "createEnrollment": store.create,
        "readEnrollment": store.read,
        "finalizeEnrollment": store.finalize,
    }
    with serving(OsiaServer(INTERFACE, handlers)) as made:
        yield made
    assert made.broken == []


@pytest.fixture
def adapter(server: OsiaServer) -> Iterator[OsiaEnrollment]:
    made = OsiaEnrollment(OsiaClient(server.url, Access(), lambda _: None), "Pusat")
    yield made
    made.close()


def test_a_record_is_created_finalized_under_its_own_id(
    adapter: OsiaEnrollment, server: OsiaServer, store: Enrollments
) -> None:
    record = hand_over("r-1")
    assert adapter.hand_over([record]) == [DONE]
    assert store.held["r-1"] == json.loads(record.enrollment)
    assert server.asked == ["POST /v1/enrollments/r-1?transactionId=t-r-1&finalize=true"]


def test_a_second_try_after_a_lost_answer_counts_once(adapter: OsiaEnrollment, store: Enrollments) -> None:
    assert [adapter.hand_over([hand_over("r-1", is_again)]) for is_again in (False, True)] == [[DONE], [DONE]]
    assert len(store.held) == 1


def test_a_half_made_enrollment_is_finalized(adapter: OsiaEnrollment, store: Enrollments) -> None:
    adapter.hand_over([hand_over("r-1")])
    store.held["r-1"]["status"] = "IN_PROGRESS"
    assert adapter.hand_over([hand_over("r-1", is_again=True)]) == [DONE]
    assert store.held["r-1"]["status"] == "FINALIZED"


def test_another_content_under_our_id_is_a_matter_for_a_person(adapter: OsiaEnrollment, store: Enrollments) -> None:
    adapter.hand_over([hand_over("r-1", nik="3315014107900009")])
    (outcome,) = adapter.hand_over([hand_over("r-1")])
    assert outcome == Outcome(OnwardState.FAILED, "onward.other_content")
    store.held["r-1"].clear()


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ((400, {"code": 3, "message": "no face"}), Outcome(OnwardState.REJECTED, "HTTP 400 3 no face")),
        ((500, {"code": 1, "message": "oops"}), Outcome(OnwardState.WAITING, "HTTP 500 1 oops")),
        ((418, None), Outcome(OnwardState.WAITING, "HTTP 418")),
    ],
)
def test_what_the_server_says_becomes_an_outcome(
    adapter: OsiaEnrollment, server: OsiaServer, said: Said, outcome: Outcome
) -> None:
    server.first = [said]
    assert adapter.hand_over([hand_over("r-1")]) == [outcome]


def test_a_conflict_that_cannot_be_looked_at_is_tried_again(adapter: OsiaEnrollment, server: OsiaServer) -> None:
    server.first = [(409, None), (404, None)]
    assert adapter.hand_over([hand_over("r-1")]) == [Outcome(OnwardState.WAITING, "HTTP 404")]


def test_who_is_not_let_in_keeps_everything(adapter: OsiaEnrollment, server: OsiaServer) -> None:
    server.first = [(403, None)]
    with pytest.raises(KnownError) as caught:
        adapter.hand_over([hand_over("r-1")])
    assert caught.value.code == "onward.refused"


def test_it_is_called_by_its_host_unless_told(server: OsiaServer, adapter: OsiaEnrollment) -> None:
    assert OsiaEnrollment(OsiaClient(server.url, Access()), "").name == "127.0.0.1"
    adapter.collect(lambda _: pytest.fail("there are no later answers"))


def test_each_answer_of_the_server_has_its_outcome(adapter: OsiaEnrollment, server: OsiaServer) -> None:
    record = json.loads(hand_over("r-1").enrollment)
    ours = {name: record[name] for name in ("biographicData", "contextualData")}
    waits = [Outcome(OnwardState.WAITING, f"HTTP {status}") for status in (200, 201, 404, 500)]
    for said, outcome in (
        *(([(status, None)], DONE) for status in (200, 201, 204)),
        *(([(status, None)], Outcome(OnwardState.REJECTED, f"HTTP {status}")) for status in (400, 413, 422)),
        ([(500, None)], waits[3]),
        ([(409, None), (201, ours)], waits[1]),
        ([(409, None), (200, [1])], waits[0]),
        ([(409, None), (200, {**ours, "status": "FINALIZED"})], DONE),
        ([(409, None), (200, {**ours, "biographicData": {}})], Outcome(OnwardState.FAILED, "onward.other_content")),
        ([(409, None), (200, {**ours, "contextualData": {}})], Outcome(OnwardState.FAILED, "onward.other_content")),
        *(
            ([(409, None), (200, {**ours, "status": "IN_PROGRESS"}), (status, None)], DONE)
            for status in (200, 201, 204)
        ),
        ([(409, None), (200, {**ours, "status": "IN_PROGRESS"}), (404, None)], waits[2]),
    ):
        server.first = list(said)
        assert adapter.hand_over([hand_over("r-1")]) == [outcome], said
        assert server.first == []
