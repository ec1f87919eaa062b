from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import httpx2
import pytest
import sqlalchemy as sa
from support.clock import NOW, HandClock
from support.gateway import Kit, World

from fieldkit.vault import certificates
from sync.gateway.tables import kit_contacts
from sync.kit.connection import Connection, Question, pinned_context
from sync.kit.pipeline import Watch, unwatched
from sync.kit.transport import DataCenterLink
from sync.protocol import tus
from sync.protocol.messages import (
    PROTOCOL_VERSION,
    Announcement,
    CarriedRecords,
    ProofQuestion,
    RenewalRequest,
)
from sync.protocol.outcomes import NotOfferedError, RecordError, RunStoppedError


def stopped(code: str) -> object:
    return pytest.raises(RunStoppedError, match=f"^{code}")


def test_one_token_serves_a_run_and_a_new_one_comes_in_time(world: World, kit: Kit) -> None:
    link = kit.link(world.url)
    link.counts().answer()
    first = link._token
    link.counts().answer()
    assert link._token == first
    kit.clock.advance(minutes=10)
    link.counts().answer()
    assert link._token != first
    link.close()


def test_a_key_that_is_not_the_kits_gets_no_token(world: World, kit: Kit) -> None:
    forger = Kit(kit.name, certificates.new_private_key(), b"", kit.answer, kit.clock)
    link = forger.link(world.url)
    with stopped("sync.not_admitted"):
        link.counts().answer()
    link.close()


def test_a_link_hangs_up_after_use(world: World, kit: Kit) -> None:
    connection = Connection(world.url, pinned_context(kit.answer.configuration.ca_certificate))
    with DataCenterLink(connection, kit.name, kit.signer, kit.clock) as link:
        assert link.configuration().gateway == kit.answer.configuration.gateway
        assert link.hello().max_chunk_bytes > 0
    assert connection._pipeline is None


def test_signing_in_tells_the_data_center_which_program_spoke_and_when(world: World, kit: Kit) -> None:
    connection = Connection(world.url, pinned_context(kit.answer.configuration.ca_certificate))
    for program in ("0.1.9", "0.2.0"):
        with DataCenterLink(connection, kit.name, kit.signer, kit.clock, program) as link:
            link.counts().answer()
    with world.gateway_context.engine.begin() as rows:
        contacts = rows.execute(sa.select(kit_contacts).where(kit_contacts.c.kit == kit.name)).all()
    assert [(row.at, row.program) for row in contacts] == [(kit.clock.now(), "0.2.0")]


HELLO = {"protocol": 1, "oldest_protocol": 1, "gateway": "ours", "free_bytes": 1, "max_record_bytes": 9}
HELLO |= {"max_chunk_bytes": 9, "server_time": (NOW + timedelta(seconds=90)).isoformat()}
TUS = {"Tus-Resumable": tus.VERSION}
Said = tuple[int, dict[str, str], object]


class Heard(Question):
    """A question that a test answers."""

    def __init__(self, said: Said) -> None:
        self._said = said

    def answer(self, watch: Watch = unwatched) -> tuple[int, httpx2.Headers, bytes]:
        status, told, body = self._said
        return status, httpx2.Headers(told), body if isinstance(body, bytes) else json.dumps(body).encode()


class Wire(Connection):
    """A wire whose answers a test says: by method and path, in turn, the last one for ever."""

    def __init__(self, answers: dict[str, list[Said]]) -> None:
        tokens: list[Said] = [
            (200, {}, {"access_token": f"t{number}", "token_type": "Bearer", "expires_in": 600}) for number in range(3)
        ]
        self._answers: dict[str, list[Said]] = {"POST /hello": [(200, {}, HELLO)], "POST /token": tokens, **answers}
        self.asked: list[tuple[str, Mapping[str, str], bytes]] = []

    def begin(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        watch: Watch = unwatched,
    ) -> Question:
        self.asked.append((f"{method} {path}", headers or {}, content))
        answers = self._answers[f"{method} {path}"]
        return Heard(answers.pop(0) if len(answers) > 1 else answers[0])

    def count(self, asked: str) -> int:
        return sum(each[0] == asked for each in self.asked)


class Words:
    """Signs nothing; its words can be read."""

    signer_id = "K01"

    def sign(self, payload: Mapping[str, object], typ: str) -> str:
        return f"{typ} {json.dumps(payload)}"


def linked(gateway: str = "", **answers: list[Said]) -> tuple[DataCenterLink, Wire]:
    wire = Wire({name.replace("__", " /"): said for name, said in answers.items()})
    return DataCenterLink(wire, "K01", Words(), HandClock(), gateway=gateway), wire


def dated(wire: Wire) -> list[int]:
    """Return when the assertions of a wire were made, in seconds after now."""
    forms = [httpx2.QueryParams(content.decode()) for asked, _, content in wire.asked if asked == "POST /token"]
    said = [json.loads(form["client_assertion"].split(" ", 1)[1]) for form in forms]
    assert all((each["exp"] - each["iat"], each["aud"]) == (300, "ours") for each in said)
    return [each["iat"] - int(NOW.timestamp()) for each in said]


@pytest.mark.parametrize(
    ("location", "place"),
    [
        (None, "/tus/r1"),
        ("r2", "/tus/r2"),
        ("/files/x?y=1", "/files/x?y=1"),
        ("https://elsewhere.example/files/7", "/files/7"),
        ("/" + "a" * 1023, "/" + "a" * 1023),
        ("/" + "a" * 1024, ""),
        ("/\x7f", ""),
        ("/ü", ""),
        ("mailto:x", ""),
        ("http://[", ""),
    ],
)
def test_an_upload_stays_with_its_server_wherever_it_is_said_to_be(location: str | None, place: str) -> None:
    told: dict[str, Any] = TUS | ({} if location is None else {"Location": location.encode()})
    link, wire = linked(POST__tus=[(201, told, b"")], **{f"HEAD {place}": [(200, TUS | {"Upload-Offset": "7"}, b"")]})
    if not place:
        with stopped("sync.nonsense"):
            link.open_upload("r1", 9).answer()
        return
    assert (link.open_upload("r1", 9).answer(), link.offset("r1")) == (7, 7)
    assert wire.count(f"HEAD {place}") == 2


@pytest.mark.parametrize("told", [{}, TUS, TUS | {"Upload-Offset": "x"}, {"Upload-Offset": "7"}])
def test_a_server_that_does_not_speak_tus_is_not_believed(told: dict[str, str]) -> None:
    link, _ = linked(**{"HEAD /tus/r1": [(200, told, b"")]})
    with stopped("sync.nonsense"):
        link.offset("r1")


def test_a_receipt_that_came_with_an_answer_is_given_once() -> None:
    told = TUS | {"Upload-Offset": "3", tus.RECEIPT_HEADER: "early"}
    link, wire = linked(
        POST__tus=[(201, told, b"")],
        **{"PATCH /tus/r1": [(204, told, b"")], "GET /receipts/r1": [(200, {}, {"receipt": "late"})]},
    )
    assert link.open_upload("r1", 3, b"abc", "00").answer() == 3
    assert (wire.asked[-1][1].get("Upload-Checksum"), wire.asked[-1][2]) == ("sha256 AA==", b"abc")
    for content in (b"abc", b""):
        assert link.open_upload("r1", 3, content).answer() == 3
        assert ("Upload-Checksum" in wire.asked[-1][1], wire.asked[-1][2]) == (False, content)
    assert (link.receipt("r1"), link.receipt("r1")) == ("early", "late")
    assert link.send_piece("r1", 0, b"abc").answer() == 3
    assert link.on_behalf_of("K02").receipt("r1") == "late", "what another kit sealed is another record"
    assert link.receipt("r1") == "early"
    owners = [headers.get("Fieldkit-Owner") for asked, headers, _ in wire.asked if asked.startswith("GET")]
    assert owners == [None, "K02"]


@pytest.mark.parametrize(
    ("answers", "tries", "code"),
    [
        ([(401, {}, b""), (200, {}, {"announced": 5, "received": 4})], 2, ""),
        ([(401, {}, b"")], 2, "sync.not_admitted"),
        ([(401, {}, {"code": "auth.kit_revoked"})], 1, "sync.kit_revoked"),
        ([(403, {}, b"")], 1, "sync.not_admitted"),
    ],
)
def test_who_is_not_let_in_signs_in_anew_once(answers: list[Said], tries: int, code: str) -> None:
    link, wire = linked(GET__counts=answers)
    if code:
        with stopped(code):
            link.counts().answer()
    else:
        assert link.counts().answer().received == 4
    assert (wire.count("GET /counts"), wire.count("POST /token")) == (tries, tries)


def test_of_questions_under_way_that_a_token_outlived_only_the_first_signs_in_anew() -> None:
    good: Said = (204, TUS | {"Upload-Offset": "3"}, b"")
    link, wire = linked(**{"PATCH /tus/r1": [(401, {}, b""), (401, {}, b""), good]})
    asked = [link.send_piece("r1", 0, b"abc") for _ in range(2)]
    assert [each.answer() for each in asked] == [3, 3]
    assert (wire.count("PATCH /tus/r1"), wire.count("POST /token")) == (4, 2)


def test_a_token_is_used_until_shortly_before_its_end_and_dated_by_the_centers_clock() -> None:
    link, wire = linked(GET__counts=[(200, {}, {"announced": 5, "received": 4})])
    clock = cast("HandClock", link._clock)
    for seconds, tokens in ((0, 1), (570, 1), (1, 2)):
        clock.jump(seconds=seconds)
        link.counts().answer()
        assert wire.count("POST /token") == tokens
    assert dated(wire) == [90, 90 + 571]
    assert wire.count("POST /hello") == 1


GOOD: Said = (200, {}, {"access_token": "t", "token_type": "Bearer", "expires_in": 600})


@pytest.mark.parametrize(
    ("answers", "assertions"),
    [([GOOD], [0]), ([(401, {}, {"code": "auth.clock"}), GOOD], [0, 90]), ([(500, {}, b""), GOOD], [0, 90])],
)
def test_who_knows_the_data_center_signs_in_behind_the_hello_and_anew_if_it_was_by_a_wrong_clock(
    answers: list[Said], assertions: list[int]
) -> None:
    counted: Said = (200, {}, {"announced": 5, "received": 4})
    link, wire = linked("ours", POST__token=answers, GET__counts=[counted])
    assert link.hello().gateway == "ours"
    assert [asked for asked, *_ in wire.asked] == ["POST /hello", "POST /token"]
    assert link.counts().answer().received == 4
    link.hello()
    assert dated(wire) == assertions


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b"", NotOfferedError),
        (405, b"", RunStoppedError),
        (404, {"code": "x.y"}, RecordError),
        (409, b"", RecordError),
        (200, b"?", RunStoppedError),
    ],
)
def test_only_a_route_that_is_not_there_is_not_offered(status: int, body: object, error: type[Exception]) -> None:
    link, _ = linked(POST__renewals=[(status, {}, body)])
    with pytest.raises(error) as caught:
        link.renew(RenewalRequest(csr=b"c", word="w"))
    assert type(caught.value) is error or error is RecordError


@pytest.mark.parametrize(("oldest", "is_ours"), [(PROTOCOL_VERSION, True), (PROTOCOL_VERSION + 1, False)])
def test_a_center_that_speaks_only_newer_words_is_left(oldest: int, is_ours: bool) -> None:
    link, _ = linked(POST__hello=[(200, {}, HELLO | {"oldest_protocol": oldest})])
    if is_ours:
        assert link.hello().gateway == "ours"
    else:
        with stopped("sync.version_differs"):
            link.hello()
    nonsense, _ = linked(POST__hello=[(200, {}, b"<html>")])
    with stopped("sync.nonsense"):
        nonsense.hello()


def test_each_question_brings_its_answer() -> None:
    page = {"items": [], "cursor": "c"}
    certificate = base64.b64encode(b"der").decode()
    link, wire = linked(
        **{"GET /statuses?cursor=a%2Fb": [(200, {}, page)], "POST /announce": [(200, {}, {"manifests": []})]},
        **{
            "POST /renewals": [(200, {}, {"certificate": certificate})],
            "POST /carried": [(200, {}, {"manifests": []})],
        },
        **{"POST /proofs": [(200, {}, {"digest": "0" * 64, "size_bytes": 3})]},
        **{"GET /open": [(200, {}, b"all")], "GET /part": [(200, {}, b"some")], "GET /shut": [(404, {}, b"")]},
    )
    assert link.statuses("a/b").cursor == "c"
    assert link.announce(Announcement(manifests=())).manifests == ()
    assert link.carry(CarriedRecords(manifests=())).manifests == ()
    assert link.renew(RenewalRequest(csr=b"c", word="w")).certificate == b"der"
    question = ProofQuestion(record_id=uuid.uuid4(), nonce="0" * 64)
    assert link.prove(question).size_bytes == 3
    assert (link.public_bytes("/open"), link.carry_bytes("GET", "/part")) == (b"all", b"some")
    assert json.loads(link.sign(question, "t").removeprefix("t "))["nonce"] == "0" * 64
    with pytest.raises(RecordError):
        link.public_bytes("/shut")
    said = {asked: (headers.get("Content-Type", ""), content) for asked, headers, content in wire.asked}
    assert said["POST /announce"] == ("application/json", b'{"manifests":[]}')
    assert said["GET /statuses?cursor=a%2Fb"] == ("", b"")
    assert "Authorization" not in next(headers for asked, headers, _ in wire.asked if asked == "GET /open")
