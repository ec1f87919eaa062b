"""Two kits of a team over a real gateway that cannot read what they tell each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest
from support.clock import NOW
from support.gateway import Kit, Patience, Progress, World
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import ScriptedLink

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.ports.delivery import Budget, SyncReport
from fieldkit.services.exchange.exchange import MadeBundle, TakenOver
from sync.gateway.down.publishing import Publishing
from sync.gateway.down.routes import Downward
from sync.kit.carrying import TeamExchange
from sync.kit.engine import SyncEngine
from sync.kit.parts import Bounds, EnoughError, RunParts, Tally
from sync.protocol.down import MOST_POST_BYTES, DownQuestion, TeamMember
from tests.unit.sync.gateway.down.test_publishing import recipient


class Book:
    """What a laptop of the team has to tell, and what it was told."""

    def __init__(self, *news: bytes) -> None:
        self.news, self.taken = list(news), list[bytes]()
        self.made: MadeBundle | None = None

    def make_for(self, recipients: Mapping[str, str]) -> MadeBundle | None:
        if b"role" in self.news:
            raise RuleError("role.not_yours", role="x", permission="send")
        return MadeBundle("", self.news[0], "", 1, tuple(recipients)) if self.news and recipients else None

    def posted(self, made: MadeBundle) -> None:
        self.made = made
        self.news.remove(made.content)

    def take(self, content: bytes, code: str = "") -> TakenOver:
        if content == b"foreign":
            raise InputError("exchange.untrusted")
        self.taken.append(content)
        return TakenOver("kit-01", "Rina", datetime(2026, 11, 23, tzinfo=UTC), 1, 0, 0, 2, 0)


def believed(member: TeamMember) -> str:
    if member.kit == "kit-03":
        raise InputError("exchange.untrusted")
    return f"age1pq1{member.kit}"


def run(world: World, kit: Kit, book: Book, outbox: SmallOutbox) -> SyncReport:
    engine = SyncEngine(
        *(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1)), team=TeamExchange(book, believed)
    )
    return engine.run_once(Budget(), Progress(), Patience())


@pytest.fixture
def other(world: World, kit: Kit) -> Kit:
    made = world.enrol_kit("kit-02")
    for each in (kit, made):
        Downward(world.gateway_context).answer(each.name, DownQuestion(recipient=recipient(each)))
    Publishing(world.gateway_context).make_team("utara", [kit.name, made.name])
    return made


def test_what_one_posts_the_other_takes_once(world: World, kit: Kit, other: Kit, outbox: SmallOutbox) -> None:
    news = b"news" * 300_000
    ours, theirs = Book(news), Book()
    assert run(world, kit, ours, outbox).notes == ()
    assert (ours.news, ours.made is not None) == ([], True)
    report = run(world, other, theirs, outbox)
    assert (theirs.taken, report.exchanged, report.conflicts) == ([news], 1, 2)
    assert run(world, other, theirs, outbox).exchanged == 0


def test_what_cannot_be_taken_does_not_come_again(world: World, kit: Kit, other: Kit, outbox: SmallOutbox) -> None:
    run(world, kit, Book(b"foreign"), outbox)
    theirs = Book()
    report = run(world, other, theirs, outbox)
    assert ([each.code for each in report.notes], report.stopped_by) == (["exchange.untrusted"], None)
    assert run(world, other, theirs, outbox).notes == ()


@pytest.mark.parametrize(
    ("news", "note"), [(b"role", "role.not_yours"), (bytes(MOST_POST_BYTES + 1), "exchange.too_large_to_post")]
)
def test_what_cannot_be_posted_is_told(
    world: World, kit: Kit, other: Kit, outbox: SmallOutbox, news: bytes, note: str
) -> None:
    assert other.name == "kit-02"
    book = Book(news)
    report = run(world, kit, book, outbox)
    assert ([each.code for each in report.notes], book.made) == ([note], None)


def test_nothing_is_closed_for_whom_our_authority_does_not_vouch(
    world: World, kit: Kit, other: Kit, outbox: SmallOutbox
) -> None:
    stranger = world.enrol_kit("kit-03")
    Downward(world.gateway_context).answer("kit-03", DownQuestion(recipient=recipient(stranger)))
    Publishing(world.gateway_context).make_team("utara", [kit.name, other.name, "kit-03"])
    book = Book(b"news")
    report = run(world, kit, book, outbox)
    assert book.made is not None
    assert (book.made.kits, [each.code for each in report.notes]) == (("kit-02",), ["exchange.untrusted"])


def test_an_older_data_center_carries_nothing(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    world.stop()
    world.start(Offers(team=lambda _: (404, {})))
    assert run(world, kit, Book(b"news"), outbox).notes == ()


@pytest.mark.parametrize(("content", "exchanged", "notes"), [(b"abc", 1, []), (b"abd", 0, ["exchange.damaged"])])
def test_what_was_changed_on_its_way_is_not_even_opened(content: bytes, exchanged: int, notes: list[str]) -> None:
    waiting = SimpleNamespace(object_id="0" * 32, size_bytes=3, sha256=hashlib.sha256(b"abc").hexdigest())
    answer, tally, book = SimpleNamespace(waiting=[waiting], members=[]), Tally(NOW), Book(b"")
    link = ScriptedLink(ask_newer=[answer, None], carry_bytes=[content])
    parts = SimpleNamespace(link=link, tally=tally, bounds=Bounds(Budget(), Patience(1), tally))
    TeamExchange(book, believed).exchange(cast("RunParts", parts))
    assert (tally.exchanged, [note.code for note in tally.notes]) == (exchanged, notes)
    assert link.asked[-1][1] == "/team/fetched", "this very one will never be better"


def test_patience_is_asked_before_each_piece_in_both_directions() -> None:
    waiting = SimpleNamespace(object_id="0" * 32, size_bytes=3, sha256="")
    member = SimpleNamespace(kit="kit-02")
    for answer, asked in (
        (SimpleNamespace(waiting=[waiting], members=[]), ["ask_newer"]),
        (SimpleNamespace(waiting=[], members=[member]), ["ask_newer", "ask_newer"]),
    ):
        tally = Tally(NOW)
        link = ScriptedLink(ask_newer=[answer, None])
        parts = SimpleNamespace(link=link, tally=tally, bounds=Bounds(Budget(), Patience(0), tally))
        with pytest.raises(EnoughError):
            TeamExchange(Book(b"news"), believed).exchange(cast("RunParts", parts))
        assert [each[0] for each in link.asked] == asked
