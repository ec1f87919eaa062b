"""What a file of a laptop holds and leaves behind: attachments, rows of the log, how far each knows the other."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from support.laptops import ACT, Laptop

from fieldkit.domain.errors import StoreError
from fieldkit.domain.exchange import Watermark
from fieldkit.domain.people import Permission
from fieldkit.domain.visits import Outcome
from fieldkit.ports.repositories import Attachment
from fieldkit.services.visits.run_visits import Ended


def rows(laptop: Laptop, kind: str, about: str) -> list[dict[str, Any]]:
    """Return what the laptop's own log says of a kind of act."""
    with laptop.store.read() as unit:
        return [json.loads(e.payload) for e in unit.events.of(about) if e.kind == kind and e.kit == laptop.kit]


def known_by(laptop: Laptop, other: Laptop) -> Watermark:
    """Return how far a laptop thinks that another knows it."""
    with laptop.store.read() as unit:
        return next(peer.knows for peer in unit.revisions.peers() if peer.kit == other.kit)


def attach(laptop: Laptop, content: bytes) -> None:
    told = ("f-1", "card-0", "surat.pdf", "application/pdf", content, sha256(content).hexdigest())
    with laptop.store.write() as unit:
        unit.attachments.remove("f-1")
        unit.attachments.put(Attachment(*told, laptop.clock.now()))


def test_each_file_is_logged_where_it_was_made_and_where_it_was_taken(pair: list[Laptop]) -> None:
    a, b = pair
    made, taken = len(rows(a, "parcel_made", "KIT-A")), len(rows(b, "parcel_taken", "KIT-A"))
    a.clock.advance(minutes=3)
    told = a.exchange.make()
    assert a.exchange.team().made_at == a.clock.now()
    over = a.exchange.make_for({b.kit: b.seal.recipient})
    assert over is not None
    assert rows(a, "parcel_made", "KIT-A")[made:] == [{"kits": ["KIT-B", "KIT-C"]}, {"kits": ["KIT-B"]}]
    b.exchange.take(told.content)
    (row,) = rows(b, "parcel_taken", "KIT-A")[taken:]
    assert row == {"signer": "rina", "new": 0, "same": 0, "merged": 0, "conflicts": 0, "unsigned": 0}


def test_what_a_laptop_knows_never_goes_back_and_begins_anew_with_a_chain(pair: list[Laptop]) -> None:
    a, b = pair
    old = a.exchange.make()
    b.visits.begin("t-0")
    b.tell(a)
    new = a.exchange.make()
    before = known_by(b, a)
    b.exchange.take(new.content)
    after = known_by(b, a)
    assert after.revision > before.revision
    b.exchange.take(old.content)  # a file that lay somewhere for a while
    assert known_by(b, a) == after
    b.units.begin_chain(Permission.SEND, "fork")
    b.exchange.take(a.exchange.make().content)
    assert known_by(b, a) == Watermark()


def test_a_laptop_with_a_new_chain_tells_everything_again(pair: list[Laptop]) -> None:
    a, b = pair
    everything = a.exchange.make(for_new=True).things
    recipients = {b.kit: b.seal.recipient}
    for is_told_again in (False, True):
        if is_told_again:
            a.units.begin_chain(Permission.SEND, "fork")
        over = a.exchange.make_for(recipients)
        assert over is not None
        a.exchange.posted(over)
        assert [made.things == everything for made in (a.exchange.make(), over)] == [is_told_again, is_told_again]
    assert a.exchange.make_for(recipients) is None


def test_a_file_that_was_taken_away_is_taken_away_everywhere(pair: list[Laptop]) -> None:
    a, b = pair
    attach(a, b"%PDF 1")
    a.tell(b)
    with b.store.read() as unit:
        assert unit.attachments.get("f-1").content == b"%PDF 1"
    with a.store.write() as unit:
        unit.attachments.remove("f-1")
    a.tell(b)
    with b.store.read() as unit, pytest.raises(StoreError):
        unit.attachments.get("f-1")


def test_two_files_of_one_name_are_a_matter_for_a_person(pair: list[Laptop]) -> None:
    a, b = pair
    for laptop, content in zip(pair, (b"%PDF 1", b"%PDF 2"), strict=True):
        attach(laptop, content)
    (told,) = a.tell(b)
    assert told.conflicts == 1
    (conflict,) = b.conflicts.all()
    assert (conflict.kind, conflict.about) == ("attachment", "")


def test_a_conflict_that_nobody_settled_is_one_for_a_third_laptop_too(three: list[Laptop]) -> None:
    a, b, c = three
    visit = a.visits.begin("t-0")
    a.tell(b)
    for laptop, minutes, outcome in ((a, 5, Outcome.MENOLAK), (b, 9, Outcome.TIDAK_DI_TEMPAT)):
        laptop.clock.advance(minutes=minutes)
        laptop.visits.end(visit.thing_id, Ended(outcome))
    b.tell(a)
    (told,) = a.tell(c)
    assert (told.conflicts, c.exchange.team().conflicts) == (1, 1)
    with c.store.read() as unit:
        assert len(unit.revisions.of("visit", visit.thing_id)) == 2
        assert unit.activities.get(ACT).activity_id == ACT
