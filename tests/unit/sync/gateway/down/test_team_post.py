from __future__ import annotations

import hashlib
from contextlib import nullcontext
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit
from support.locks import noting_locks
from support.races import meanwhile

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.admission import Admission
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.down.publishing import LIFE, Addressed, Publishing, TeamPost
from sync.gateway.down.routes import Downward
from sync.gateway.down.tables import down_parts, team_post
from sync.protocol.down import PART_BYTES, DownQuestion, Posting
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


def begun(post_office: TeamPost, sender: str, *to: str, size: int, sha256: str = "ab" * 32) -> str:
    posting = Posting(object_id=uuid4().hex, to=to, sha256=sha256, size_bytes=size)
    post_office.begin(sender, posting)
    return posting.object_id


@pytest.mark.usefixtures("team")
def test_a_new_bundle_replaces_only_what_the_same_kit_posted_for_the_same(gateway_context: GatewayContext) -> None:
    post_office = TeamPost(gateway_context)
    for_second = post(post_office, "kit-01", "kit-02", content=b"a")
    for_third = post(post_office, "kit-01", "kit-03", content=b"b")
    of_second = post(post_office, "kit-02", "kit-03", content=b"c")
    assert waiting(post_office, "kit-02") == [("kit-01", for_second)]
    assert sorted(waiting(post_office, "kit-03")) == [("kit-01", for_third), ("kit-02", of_second)]


@pytest.mark.usefixtures("team")
def test_what_nobody_fetches_lives_for_sixty_days(gateway_context: GatewayContext, clock: HandClock) -> None:
    post_office = TeamPost(gateway_context)
    first = post(post_office, "kit-01", "kit-02", content=b"a")
    clock.advance(days=LIFE.days)
    post(post_office, "kit-03", "kit-02", content=b"b")
    assert ("kit-01", first) in waiting(post_office, "kit-02")
    clock.advance(seconds=1)
    post(post_office, "kit-03", "kit-01", content=b"c")
    assert [sender for sender, _ in waiting(post_office, "kit-02")] == ["kit-03"]


@pytest.mark.usefixtures("team")
def test_a_piece_has_its_place_and_size(gateway_context: GatewayContext) -> None:
    post_office = TeamPost(gateway_context)
    for size, number, piece, code in (
        (PART_BYTES + 5, 0, PART_BYTES, ""),
        (PART_BYTES + 5, 0, PART_BYTES + 1, "413 team.too_large"),
        (PART_BYTES + 5, 1, 4, ""),
        (PART_BYTES, 1, 1, "413 team.too_large"),
        (5, 0, 5, "422 team.damaged"),
        (5, 0, 4, ""),
        (5, 0, 6, ""),
    ):
        object_id = begun(post_office, "kit-01", "kit-02", size=size)
        with pytest.raises(Refusal, match=code) if code else nullcontext():
            post_office.keep("kit-01", object_id, number, bytes(piece))
        assert pieces(gateway_context) == int(not code)
        assert waiting(post_office, "kit-02") == []
        with pytest.raises(Refusal, match=r"404 team\.unknown"):
            post_office.part("kit-02", object_id, number)


@pytest.mark.usefixtures("team")
def test_a_piece_belongs_to_the_bundle_that_its_sender_began(gateway_context: GatewayContext) -> None:
    post_office = TeamPost(gateway_context)
    unfinished = begun(post_office, "kit-01", "kit-03", size=9)
    of_other = begun(post_office, "kit-02", "kit-01", size=9)
    whole = post(post_office, "kit-01", "kit-02", content=b"whole")
    for wrong in (uuid4().hex, of_other):
        with pytest.raises(Refusal, match=r"404 team\.unknown"):
            post_office.keep("kit-01", wrong, 0, b"x")
    assert [waiting(post_office, f"kit-0{n}") for n in (1, 2, 3)] == [[], [("kit-01", whole)], []]
    post_office.begin("kit-01", Posting(object_id=unfinished, to=("kit-03",), sha256="ab" * 32, size_bytes=9))


@pytest.mark.usefixtures("team")
def test_a_kit_posts_for_the_others_of_its_team(gateway_context: GatewayContext) -> None:
    Publishing(gateway_context).make_team("selatan", ["kit-04"])
    for to in (("kit-01",), ("kit-04",), ("kit-02", "kit-04"), ("kit-99",)):
        with pytest.raises(Refusal, match=r"403 team\.not_yours"):
            begun(TeamPost(gateway_context), "kit-01", *to, size=1)


@pytest.mark.usefixtures("team")
def test_post_and_bundles_of_the_office_leave_each_other_alone(gateway_context: GatewayContext) -> None:
    publishing, post_office = Publishing(gateway_context), TeamPost(gateway_context)
    publishing.publish(BundleKind.SOP, "kia", b"from the office", Addressed())
    object_id = post(post_office, "kit-01", "kit-02", content=b"post")
    post_office.fetched("kit-02", object_id)
    assert publishing.file_of(BundleKind.SOP, "kia")[1] == b"from the office"
    assert pieces(gateway_context) == 1


@pytest.mark.usefixtures("team")
def test_who_posts_twice_at_once_is_asked_to_try_again(gateway_context: GatewayContext, clock: HandClock) -> None:
    post_office = TeamPost(gateway_context)
    row = {"sender": "kit-01", "kit": "kit-02", "object_id": "b" * 32, "sha256": "ab" * 32, "size_bytes": 1}
    other = sa.insert(team_post).values(**row, posted_at=clock.now(), is_whole=False)
    with (
        meanwhile(gateway_context.engine, "INSERT INTO team_post", other),
        pytest.raises(Refusal, match=r"503 server\.busy"),
    ):
        begun(post_office, "kit-01", "kit-02", size=1)


@pytest.mark.usefixtures("team")
def test_two_pieces_of_one_bundle_are_kept_one_after_the_other(gateway_context: GatewayContext) -> None:
    post_office = TeamPost(gateway_context)
    object_id = begun(post_office, "kit-01", "kit-02", size=9)
    with noting_locks(gateway_context.engine) as locks:
        post_office.keep("kit-01", object_id, 0, b"x")
    assert locks == [f"team_post.sender = 'kit-01' AND team_post.object_id = '{object_id}' FOR UPDATE"]
