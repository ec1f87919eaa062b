"""Heads that somebody else holds too."""

from __future__ import annotations

from dataclasses import replace

from support.kept import NOW

from fieldkit.domain.delivery import Anchor, AnchorSource
from fieldkit.domain.events import digest_of
from fieldkit.ports.exchange import Chain
from fieldkit.storage.store import SqlStore

ANCHOR = Anchor("chain-1", 7, "d" * 64, NOW, AnchorSource.CENTER, "a.b.c")


def test_the_first_word_stays(store: SqlStore) -> None:
    with store.write() as unit:
        assert unit.anchors.keep(ANCHOR)
        assert not unit.anchors.keep(replace(ANCHOR, digest="e" * 64))
        assert unit.anchors.keep(replace(ANCHOR, source=AnchorSource.KIT))
        assert unit.anchors.keep(replace(ANCHOR, sequence=8))
    with store.read() as unit:
        assert list(unit.anchors.all()) == [
            ANCHOR,
            replace(ANCHOR, source=AnchorSource.KIT),
            replace(ANCHOR, sequence=8),
        ]


def test_heads_are_the_newest_events_of_each_chain(empty_store: SqlStore) -> None:
    with empty_store.read() as unit:
        assert unit.anchors.heads() == []
    with empty_store.write() as unit:
        first = [unit.events.append("seen", "x", {}, "u1", NOW) for _ in range(3)][-1]
    empty_store.begin_chain()
    with empty_store.write() as unit:
        second = unit.events.append("seen", "x", {}, "u1", NOW)
    with empty_store.read() as unit:
        heads = unit.anchors.heads()
    with empty_store.write() as unit:  # what another kit logged is not ours to anchor
        draft = replace(second, event_id="theirs-1", kit="kit-2", chain="theirs", sequence=1, previous="")
        theirs = replace(draft, digest=digest_of(draft.line()))
        unit.revisions.take_events([Chain("theirs", "kit-2", NOW)], [theirs])
        assert unit.anchors.heads() == heads
    assert [(head.chain, head.sequence, head.digest) for head in heads] == [
        (event.chain, event.sequence, event.digest) for event in (first, second)
    ]
