from __future__ import annotations

from support.kept import NOW

from fieldkit.domain.delivery.anchors import Anchor, AnchorSource
from fieldkit.storage.anchor_book import StoredAnchors
from fieldkit.storage.store import SqlStore


def test_what_the_center_holds_is_kept(store: SqlStore) -> None:
    book = StoredAnchors(store)
    anchor = Anchor("chain-1", 7, "d" * 64, NOW, AnchorSource.CENTER, "a.b.c")
    book.keep([])
    book.keep([anchor])
    with store.write() as unit:
        event = unit.events.append("seen", "x", {}, "u1", NOW)
    with store.read() as unit:
        assert list(unit.anchors.all()) == [anchor]
    assert [head.digest for head in book.heads()] == [event.digest]
