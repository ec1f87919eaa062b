from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from support.onward import hand_over
from support.osia_server import ABIS, OsiaServer, Said, serving

from fieldkit.domain.errors import KnownError
from fieldkit.ports.delivery import OnwardState, Outcome
from sync.gateway.onward.osia import Access, OsiaAbis, OsiaClient, decided, encounter

UNIQUE = Outcome(OnwardState.ACKNOWLEDGED, code="PRINT_READY_RECORD")
DOUBTFUL = Outcome(OnwardState.ACKNOWLEDGED, "1 candidates", code="ADJUDICATE_RECORD")


class Gallery:
    """An ABIS that finds the same image again."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Any] = {}

    def create(self, names: Mapping[str, str], _query: object, body: Any) -> Said:
        key = (names["personId"], names["encounterId"])
        if key in self.held:
            return 403, None
        self.held[key] = body
        return 201, None

    def read(self, names: Mapping[str, str], _query: object, _body: object) -> Said:
        held = self.held.get((names["personId"], names["encounterId"]))
        return (404, None) if held is None else (200, held)

    def identify(self, names: Mapping[str, str], _query: object, _body: object) -> Said:
        def images(person: str) -> set[str]:
            return {i["image"] for key, body in self.held.items() if key[0] == person for i in body["biometricData"]}

        asked = images(names["personId"])
        people = sorted({person for person, _ in self.held if images(person) & asked})
        return 200, [{"personId": person, "rank": rank, "score": 9.5} for rank, person in enumerate(people, 1)]


@pytest.fixture
def server() -> Iterator[OsiaServer]:
    gallery = Gallery()
    handlers = {
        "createEncounter": gallery.create,
        "readEncounter": gallery.read,
        "identifyFromId": gallery.identify,
    }
    with serving(OsiaServer(ABIS, handlers)) as made:
        yield made
    assert made.broken == []


@pytest.fixture
def adapter(server: OsiaServer) -> Iterator[OsiaAbis]:
    made = OsiaAbis(OsiaClient(server.url, Access(), lambda _: None), "ABIS")
    yield made
    made.close()


@pytest.fixture
def called_back(server: OsiaServer) -> Iterator[OsiaAbis]:
    made = OsiaAbis(OsiaClient(server.url, Access(), lambda _: None), "ABIS", "ALL", "https://us/onward/answers")
    yield made
    made.close()


def test_who_is_alone_in_the_gallery_is_unique_also_at_a_second_try(adapter: OsiaAbis) -> None:
    assert adapter.hand_over([hand_over("r-1"), hand_over("r-1", is_again=True)]) == [UNIQUE, UNIQUE]


def test_who_looks_like_somebody_else_needs_an_expert(adapter: OsiaAbis) -> None:
    other = replace(hand_over("r-2"), person="q")
    assert adapter.hand_over([hand_over("r-1"), other]) == [UNIQUE, DOUBTFUL]


def test_the_same_person_recorded_again_is_no_double(adapter: OsiaAbis) -> None:
    assert adapter.hand_over([hand_over("r-1"), hand_over("r-2")]) == [UNIQUE, UNIQUE]
    nameless = [replace(hand_over(name), person="") for name in ("r-3", "r-4")]
    assert adapter.hand_over(nameless)[1].code == "ADJUDICATE_RECORD"


def test_no_name_and_no_nik_leaves_for_an_abis() -> None:
    enrollment = json.loads(hand_over("r-1").enrollment)
    enrollment["biographicData"] |= {"fullName": "SITI", "gender": "F", "dateOfBirth": "1990-07-01"}
    enrollment["biometricData"] += [
        {"biometricType": "SIGNATURE", "image": "AAAA"},
        {"biometricType": "IRIS", "quality": 80, "mimeType": "x", "captureDate": "2026-11-21T03:00:00+00:00"},
    ]
    made = encounter(enrollment)
    assert made["biographicData"] == {"gender": "F", "dateOfBirth": "1990-07-01"}
    assert made["biometricData"] == [
        {"biometricType": "FACE", "biometricSubType": "PORTRAIT", "image": "AAAA"},
        {"biometricType": "IRIS", "captureDate": "2026-11-21"},
    ]
    assert "SITI" not in json.dumps(made)


def test_a_slow_abis_answers_later(adapter: OsiaAbis, called_back: OsiaAbis, server: OsiaServer) -> None:
    server.first = [(202, "t"), (202, "t")]
    assert adapter.hand_over([hand_over("r-1")]) == [Outcome(OnwardState.WAITING, "onward.being_stored")]
    server.first = [(201, None), (202, "t")]
    waits = called_back.hand_over([hand_over("r-2")])
    assert waits == [Outcome(OnwardState.HANDED_OVER)]
    assert "callback=https%3A%2F%2Fus%2Fonward%2Fanswers" in server.asked[-1]
    server.first = [(201, None), (202, "t")]
    assert adapter.hand_over([hand_over("r-3")])[0].state is OnwardState.WAITING


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([(400, {"code": 1, "message": "bad"})], OnwardState.REJECTED),
        ([(500, {"code": 1, "message": "oops"})], OnwardState.WAITING),
        ([(201, None), (400, {"code": 1, "message": "bad"})], OnwardState.REJECTED),
        ([(201, None), (200, {"not": "a list"})], OnwardState.WAITING),
        ([(403, None), (404, None)], OnwardState.WAITING),
    ],
)
def test_what_the_server_says_becomes_an_outcome(
    adapter: OsiaAbis, server: OsiaServer, said: list[Said], state: OnwardState
) -> None:
    server.first = list(said)
    assert adapter.hand_over([hand_over("r-1")])[0].state is state


@pytest.mark.parametrize("said", [[(403, None), (403, None)], [(201, None), (403, None)]])
def test_who_is_not_let_in_keeps_everything(adapter: OsiaAbis, server: OsiaServer, said: list[Said]) -> None:
    server.first = list(said)
    with pytest.raises(KnownError) as caught:
        adapter.hand_over([hand_over("r-1")])
    assert caught.value.code == "onward.refused"


@pytest.mark.parametrize("nonsense", [None, {}, ["x"], 7])
def test_what_is_no_list_of_candidates_decides_nothing(nonsense: object) -> None:
    assert decided(nonsense, "p").state is OnwardState.WAITING


def test_each_answer_of_the_abis_has_its_outcome(adapter: OsiaAbis, server: OsiaServer) -> None:
    error, found = {"code": 1, "message": "bad"}, (200, [{"personId": "p", "rank": 1, "score": 1.0}])
    for said, outcome in (
        ([(202, "t")], Outcome(OnwardState.WAITING, "onward.being_stored")),
        ([(200, None)], Outcome(OnwardState.WAITING, "HTTP 200")),
        *(([(status, error)], Outcome(OnwardState.REJECTED, f"HTTP {status} 1 bad")) for status in (400, 413, 422)),
        ([(409, None)], Outcome(OnwardState.WAITING, "HTTP 409")),
        ([(403, None), (202, None)], Outcome(OnwardState.WAITING, "HTTP 202")),
        ([(403, None), (200, {}), found], UNIQUE),
        ([(201, None), found], UNIQUE),
        ([(201, None), (200, [{"personId": "q"}, {"personId": "p"}])], DOUBTFUL),
        ([(201, None), (200, [["q"], {"personId": "q"}])], Outcome(OnwardState.WAITING, "onward.no_candidates")),
        ([(201, None), (202, "t")], Outcome(OnwardState.WAITING, "HTTP 202")),
        ([(201, None), (422, error)], Outcome(OnwardState.REJECTED, "HTTP 422 1 bad")),
        ([(201, None), (500, error)], Outcome(OnwardState.WAITING, "HTTP 500 1 bad")),
    ):
        server.first = list(said)
        assert adapter.hand_over([hand_over("r-1")]) == [outcome], said
        assert server.first == []
    assert OsiaAbis(OsiaClient(server.url, Access()), "").name == "127.0.0.1"


def test_an_encounter_has_what_there_is_of_what_an_abis_compares() -> None:
    types = ("FINGER", "FACE", "IRIS", "SIGNATURE", "UNKNOWN")
    made = encounter({"biometricData": [{"biometricType": name, "other": 1} for name in types] + [{}]})
    assert made == {
        "status": "ACTIVE",
        "encounterType": "enrollment",
        "contextualData": {},
        "biographicData": {},
        "biometricData": [{"biometricType": name} for name in ("FINGER", "FACE", "IRIS")],
    }
    whole = {"enrollmentType": "baru", "contextualData": {"enrollmentDate": "2026-11-21", "place": "x"}}
    made = encounter({**whole, "biographicData": {"gender": "F", "nik": "1"}})
    assert (made["encounterType"], made["contextualData"]) == ("baru", {"enrollmentDate": "2026-11-21"})
    assert made["biographicData"] == {"gender": "F"}
