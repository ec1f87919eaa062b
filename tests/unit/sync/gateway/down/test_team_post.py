from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from sync.gateway.admission import Admission
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.down.downward import Downward
from sync.gateway.down.publishing import Publishing
from sync.gateway.down.tables import down_parts
from sync.gateway.down.team_post import LIFE, TeamPost
from sync.protocol.down import PART_BYTES, DownQuestion
from sync.protocol.team import Posting
from tests.unit.sync.gateway.down.test_publishing import recipient

CONTENT = bytes(range(256)) * (PART_BYTES // 256) + b"rest"


@pytest.fixture
def team(folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit) -> list[Kit]:
    """kit-01, kit-02 and kit-03 are a team, kit-04 is not."""
    members = [kit, *(enrolled_kit(folder, gateway_context, clock, f"kit-0{n}") for n in (2, 3, 4))]
    for member in members:
        Downward(gateway_context).answer(member.name, DownQuestion(recipient=recipient(member)))
    Publishing(gateway_context).make_team("utara", ["kit-01", "kit-02", "kit-03"])
    return members


def post(post_office: TeamPost, sender: str, *to: str, content: bytes = CONTENT) -> str:
    digest = hashlib.sha256(content).hexdigest()
    posting = Posting(object_id=uuid4().hex, to=to, sha256=digest, size_bytes=len(content))
    post_office.begin(sender, posting)
    for number in range(-(-len(content) // PART_BYTES)):
        piece = content[number * PART_BYTES : (number + 1) * PART_BYTES]
        for _ in range(2):  # a lost answer
            if number == 0:
                post_office.keep(sender, posting.object_id, number, piece)
        if number:
            post_office.keep(sender, posting.object_id, number, piece)
    return posting.object_id


def waiting(post_office: TeamPost, kit: str) -> list[tuple[str, str]]:
    return [(each.sender, each.object_id) for each in post_office.team(kit).waiting]


def pieces(gateway_context: GatewayContext) -> int:
    with gateway_context.engine.begin() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(down_parts)) or 0


@pytest.mark.usefixtures("team")
def test_a_bundle_waits_until_each_has_it(gateway_context: GatewayContext) -> None:
    post_office = TeamPost(gateway_context)
    assert [member.kit for member in post_office.team("kit-01").members] == ["kit-02", "kit-03"]
    assert post_office.team("kit-04").members == ()
    object_id = post(post_office, "kit-01", "kit-02", "kit-03")
    for kit in ("kit-02", "kit-03"):
        assert waiting(post_office, kit) == [("kit-01", object_id)]
        assert b"".join(post_office.part(kit, object_id, number) for number in (0, 1)) == CONTENT
        post_office.fetched(kit, object_id)
        post_office.fetched(kit, object_id)
    assert (waiting(post_office, "kit-02"), pieces(gateway_context)) == ([], 0)


@pytest.mark.usefixtures("team")
def test_a_newer_one_takes_the_place_of_what_was_not_fetched(gateway_context: GatewayContext) -> None:
    post_office = TeamPost(gateway_context)
    first = post(post_office, "kit-01", "kit-02", "kit-03")
    post_office.fetched("kit-03", first)
    second = post(post_office, "kit-01", "kit-02", "kit-03", content=b"newer")
    third = post(post_office, "kit-02", "kit-03", content=b"other")
    assert waiting(post_office, "kit-02") == [("kit-01", second)]
    assert sorted(waiting(post_office, "kit-03")) == [("kit-01", second), ("kit-02", third)]
    assert pieces(gateway_context) == 2


@pytest.mark.usefixtures("team")
def test_nothing_is_delivered_that_is_not_whole(gateway_context: GatewayContext, clock: HandClock) -> None:
    post_office = TeamPost(gateway_context)
    posting = Posting(object_id=uuid4().hex, to=("kit-02",), sha256="ab" * 32, size_bytes=4)
    post_office.begin("kit-01", posting)
    with pytest.raises(Refusal, match=r"team\.damaged"):
        post_office.keep("kit-01", posting.object_id, 0, b"none")
    assert waiting(post_office, "kit-02") == []
    with pytest.raises(Refusal, match=r"team\.too_large"):
        post_office.keep("kit-01", posting.object_id, 1, b"more")
    for who, number in (("kit-02", 0), ("kit-04", 0)):
        with pytest.raises(Refusal, match=r"team\.unknown"):
            post_office.keep(who, posting.object_id, number, b"mine")
        with pytest.raises(Refusal, match=r"team\.unknown"):
            post_office.part(who, posting.object_id, number)
    clock.advance(days=LIFE.days + 1)
    post(post_office, "kit-02", "kit-01", content=b"x")
    assert pieces(gateway_context) == 1  # what nobody finished or fetched is forgotten


@pytest.mark.usefixtures("team")
def test_who_is_of_another_team_or_shut_out_is_not_served(gateway_context: GatewayContext) -> None:
    post_office = TeamPost(gateway_context)
    with pytest.raises(Refusal, match=r"team\.not_yours"):
        post(post_office, "kit-01", "kit-02", "kit-04")
    object_id = post(post_office, "kit-01", "kit-02")
    with pytest.raises(Refusal, match=r"team\.id_used"):
        post_office.begin("kit-03", Posting(object_id=object_id, to=("kit-02",), sha256="ab" * 32, size_bytes=1))
    Admission(gateway_context).revoke_kit("kit-01")
    answer = post_office.team("kit-02")
    assert ([member.kit for member in answer.members], answer.waiting) == (["kit-03"], ())
