"""Certificates that end soon are asked for anew; whatever comes of it, delivery itself is done."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import cast

import pytest
from support.clock import NOW
from support.gateway import Kit, Patience, Progress, World
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import ScriptedLink

from fieldkit.domain.errors import VaultError
from fieldkit.ports.data_center import Budget, SyncReport
from sync.kit.engine import SyncEngine
from sync.kit.parts import RunParts
from sync.kit.renewing import Renewable, Renewing
from sync.kit.tally import Tally
from sync.protocol.messages import RenewalRequest

AHEAD = timedelta(days=180)
ANSWER = {"certificate": base64.b64encode(b"new").decode()}


def run(
    world: World, kit: Kit, outbox: SmallOutbox, ends_at: datetime, offers: Offers, kept: list[bytes], over: str = ""
) -> SyncReport:
    def keep(certificate: bytes) -> None:
        if certificate != b"new":
            raise VaultError("vault.signing_key")
        kept.append(certificate)

    world.stop()
    world.start(offers)
    renewable = Renewable(lambda: ends_at, AHEAD, lambda _: RenewalRequest(csr=b"csr", word="w"), keep, over)
    engine = SyncEngine(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1), renewing=Renewing([renewable]))
    return engine.run_once(Budget(), Progress(), Patience())


def test_what_ends_soon_by_the_centers_clock_is_renewed(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    offers, kept = Offers(renewals=lambda _: (200, ANSWER)), list[bytes]()
    now = world.clock.now()
    kit.clock = type(kit.clock)(now + timedelta(days=3000))  # the laptop's clock decides nothing
    run(world, kit, outbox, now + timedelta(days=181), offers, kept)
    assert (kept, offers.asked) == ([], [])
    report = run(world, kit, outbox, now + timedelta(days=179), offers, kept)
    assert (kept, report.notes, report.stopped_by) == ([b"new"], (), None)
    assert offers.asked == [("/renewals", {"csr": base64.b64encode(b"csr").decode(), "word": "w"})]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, {"detail": "Not Found"}),
        (422, {"code": "renewal.refused"}),
        (403, {"code": "auth.no"}),
        (500, {}),
        (200, {"certificate": "?"}),
        (200, {"certificate": base64.b64encode(b"another").decode()}),
    ],
)
def test_a_renewal_that_fails_is_told_with_the_days_left(
    world: World, kit: Kit, outbox: SmallOutbox, status: int, answer: dict[str, object]
) -> None:
    record_id, kept = kit.queue(outbox, size=5000), list[bytes]()
    ends_at = world.clock.now() + timedelta(days=30, hours=1)
    report = run(world, kit, outbox, ends_at, Offers(renewals=lambda _: (status, answer)), kept)
    assert (kept, report.acknowledged, report.stopped_by) == ([], (record_id,), None)
    assert report.notes[-1].code == "sync.not_renewed"
    assert report.notes[-1].params == {"days": 30}
    assert len(report.notes) == (1 if "detail" in answer else 2), "why, unless the data center is older than this"


def test_what_is_over_is_not_asked_for_where_nobody_renews_it(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    ended, offers = world.clock.now() - timedelta(days=71), Offers(renewals=lambda _: (403, {"code": "auth.no"}))
    report = run(world, kit, outbox, ended, offers, [], "sync.user_over")
    assert ([note.code for note in report.notes], offers.asked) == (["sync.user_over"], [])
    report = run(world, kit, outbox, ended, offers, [])
    assert (report.notes[-1].params, len(offers.asked)) == ({"days": 0}, 1)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("left", "over", "kept", "notes"),
    [
        (AHEAD + SECOND, "", [], []),
        (AHEAD, "", [b"new"], []),
        (SECOND, "sync.user_over", [b"new"], []),
        (timedelta(0), "sync.user_over", [], ["sync.user_over"]),
        (timedelta(0), "", [b"new"], []),
    ],
)
def test_it_is_asked_for_from_a_moment_on_and_until_it_ends(
    left: timedelta, over: str, kept: list[bytes], notes: list[str]
) -> None:
    came, tally = list[bytes](), Tally(NOW)
    parts = SimpleNamespace(tally=tally, link=ScriptedLink(renew=[SimpleNamespace(certificate=b"new")]))
    asks = Renewable(lambda: NOW + left, AHEAD, lambda _: RenewalRequest(csr=b"csr", word="w"), came.append, over)
    Renewing([asks]).renew(cast("RunParts", parts), NOW)
    assert (came, [note.code for note in tally.notes]) == (kept, notes)
