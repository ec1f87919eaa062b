from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.checklists import stocked_kit
from support.listing import Listing, at_row
from support.sarpras import SIGNATURE, fill, line, result, take_out
from support.tasks import SameThread, Steps

from fieldkit.domain.sarpras.inventory import Condition
from fieldkit.services.sarpras.history import Past, PastKind
from ui.presenters.lists import Facts, Photo
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.sarpras.item_history import HistoryEntry, ItemHistory


def test_lines_with_who_and_where_and_the_photo(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PENGURUS):
        take_out(kit)
        kit.context.office.inventory.photograph("i1", b"jpeg")
        listing = Listing(ItemHistory(kit.context, "i1").screen(), SameThread(), steps)
        item = kit.context.office.inventory.item("i1")
        happened = sorted(row.cells[1].tags[0].words.key for row in listing.rows)
        assert happened == [
            "sarpras.past.kept",
            "sarpras.past.out",
        ]
        out = next(row for row in listing.rows if row.cells[1].tags[0].words == message("sarpras.past.out"))
        assert (out.cells[4].words, out.cells[4].detail) == ("Desa Jimbe", PENGURUS.name)
        listing.presenter.select(out.name)
        assert listing.panels(Photo)[0].picture == b"jpeg"
        assert listing.panels(Facts)[0].title == listing.presenter.state.where == item.name
        listing.presenter.search("jimbe")
        assert listing.names == [out.name]


def test_a_photo_of_then_comes_before_that_of_the_item(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, KETUA):
        out = kit.context.office.sarpras.out
        found = fill(out, out.begin("a1"))
        out.add_photo(found.thing_id, "i2", b"then")
        out.allow(found.thing_id, PENGURUS, SIGNATURE)
        out.close(found.thing_id)
        kit.context_of(PENGURUS).office.inventory.photograph("i2", b"now")
        photos = {entry.past.what: entry.photo for entry in ItemHistory(kit.context, "i2").screen().load()}
        assert photos == {PastKind.OUT: b"then", PastKind.KEPT: b"now"}
        assert {entry.photo for entry in ItemHistory(kit.context, "i3").screen().load()} == {b""}


AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("past", "by", "shown"),
    [
        (Past(AT, PastKind.DAMAGED, "u3", "Jimbe", note="retak"), "Sri", ("retak", "Sri · Jimbe")),
        (Past(AT, PastKind.OUT, "u3", "Jimbe"), "Sri", ("Jimbe", "Sri")),
        (Past(AT, PastKind.REPAIRED, "u3", note="kabel baru"), "", ("kabel baru", "")),
        (Past(AT, PastKind.KEPT, "u3"), "", ("–", "")),
    ],
)
def test_what_was_noted_comes_before_where_it_was(idle: Kit, past: Past, by: str, shown: tuple[str, str]) -> None:
    cell = ItemHistory(idle.context, "i1").screen().heads[4].cell(HistoryEntry("1", past, by))
    assert (cell.words, cell.detail) == shown


def test_condition_and_test_stand_there_where_they_are_known(idle: Kit) -> None:
    _when, _what, condition, test, _note = ItemHistory(idle.context, "i1").screen().heads
    seen = Past(AT, PastKind.IN, "u3", condition=Condition.BAIK, line=line(test=result()))
    for past, count in ((seen, 1), (Past(AT, PastKind.KEPT, "u3"), 0)):
        cells = [head.cell(HistoryEntry("1", past, "")) for head in (condition, test)]
        assert [len(cell.tags) for cell in cells] == [count] * 2
        assert [cell.words for cell in cells] == ["" if count else "–"] * 2


def test_beside_the_list_stands_the_item_once_it_was_read(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path, PENGURUS):
        inventory = kit.context.office.inventory
        inventory.keep_item(replace(inventory.item("i2"), inventory_number="3.02.01"))
        for item_id, number in (("i1", "–"), ("i2", "3.02.01")):
            screen = ItemHistory(kit.context, item_id).screen()
            assert (screen.side(at_row()), screen.where(at_row())) == ((), "")
            screen.load()
            entry = HistoryEntry("1", Past(AT, PastKind.KEPT, "u3"), "")
            assert [type(panel) for panel in screen.side(at_row())] == [Facts]
            (facts,) = screen.side(at_row(entry))
            assert (message("sarpras.field.inventory_number"), number) in facts.facts
            assert [type(panel) for panel in screen.side(at_row(replace(entry, photo=b"jpeg")))] == [Facts, Photo]


def test_an_unknown_item_is_an_error(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PENGURUS):
        listing = Listing(ItemHistory(kit.context, "nowhere").screen(), SameThread(), steps)
        assert listing.presenter.state.stage is Stage.ERROR
