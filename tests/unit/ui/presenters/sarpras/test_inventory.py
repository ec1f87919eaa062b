from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.checklists import stocked_kit
from support.listing import Listing, at_row, refusals
from support.sarpras import KIT_ID, SIGNATURE, fill, line, result, take_out
from support.tasks import SameThread, Steps

from fieldkit.domain.people import User
from fieldkit.domain.sarpras import Condition, SarprasItem, SarprasKind
from fieldkit.services.sarpras.keep_inventory import Past, PastKind
from ui.presenters.lists import Facts, Photo
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.sarpras.inventory import HistoryEntry, Inventory, InventoryEntry, ItemHistory, Part


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Kit]:
    yield from stocked_kit(tmp_path, PENGURUS)


def opened(kit: Kit, steps: Steps) -> Listing:
    return Listing(Inventory(kit.context, steps).screen(), SameThread(), steps)


def test_items_stand_first_and_each_part_has_its_chip(keeper: Kit, steps: Steps) -> None:
    listing = opened(keeper, steps)
    assert {part: listing.chips[part] for part in Part} == {"items": 8, "consumables": 3, "kits": 1, "out": 0}
    assert len(listing.names) == 8
    for part in Part:
        listing.presenter.choose(0, part)
        assert len(listing.names) == listing.chips[part]
    assert listing.presenter.state.nothing.title == message("sarpras.none.out")


def test_the_keeper_changes_and_adds(keeper: Kit, steps: Steps) -> None:
    listing = opened(keeper, steps)
    listing.presenter.select("i3")
    for name in ("accept", "add", "history", "photo"):
        listing.press(name)
    assert listing.offered("repair").refused == message("sarpras.nothing_to_repair")
    listing.presenter.choose(0, "kits")
    listing.press("accept")
    listing.press("add")
    assert steps.taken == [
        ("push", "sarpras_item", "i3"),
        ("push", "sarpras_item", ""),
        ("push", "item_history", "i3"),
        ("push", "sarpras_photo", "item", "", "i3"),
        ("push", "sarpras_kit", KIT_ID),
        ("push", "sarpras_kit", ""),
    ]


def test_others_look_and_the_buttons_say_why(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, KETUA):
        listing = opened(kit, steps)
        for name in ("accept", "add", "photo", "repair"):
            assert listing.offered(name).refused == message("sarpras.only_keeper")
        listing.press("history")
        assert steps.taken[-1][1] == "item_history"


def test_what_needs_somebody_is_found_by_one_chip(keeper: Kit, steps: Steps) -> None:
    inventory = keeper.context.office.inventory
    inventory.keep_item(replace(inventory.item("i1"), condition=Condition.HILANG))
    inventory.restock("c3", -6)
    listing = opened(keeper, steps)
    listing.presenter.choose(1, "needs")
    assert listing.names == ["i1"]
    (lost,) = [each for each in Inventory(keeper.context, steps)._load() if each.thing.thing_id == "i1"]
    assert lost.cells[-1].words == "–", "what is lost is not in the office"
    listing.press("repair")
    assert steps.taken == [("push", "sarpras_repair", "i1")]
    listing.presenter.choose(0, "consumables")
    assert listing.names == ["c3"]
    listing.presenter.choose(0, "kits")
    assert listing.presenter.state.nothing.title == message("ui.list.none")


KEEPER, NONE, WHOLE = "sarpras.only_keeper", "sarpras.choose_first", "sarpras.nothing_to_repair"


@pytest.mark.parametrize(
    ("user", "part", "condition", "refused"),
    [
        (PENGURUS, Part.ITEMS, Condition.BAIK, {"repair": WHOLE}),
        (PENGURUS, Part.ITEMS, Condition.RUSAK_RINGAN, {"repair": WHOLE}),
        (PENGURUS, Part.ITEMS, Condition.RUSAK_BERAT, {}),
        (PENGURUS, Part.ITEMS, None, dict.fromkeys(("history", "photo", "repair", "accept"), NONE)),
        (PENGURUS, Part.KITS, None, {"accept": NONE}),
        (PENGURUS, Part.OUT, None, {"accept": NONE}),
        (KETUA, Part.ITEMS, Condition.RUSAK_BERAT, dict.fromkeys(("add", "photo", "repair", "accept"), KEEPER)),
        (
            KETUA,
            Part.ITEMS,
            None,
            {"history": NONE} | dict.fromkeys(("add", "photo", "repair", "accept"), KEEPER),
        ),
        (KETUA, Part.CONSUMABLES, None, {"add": KEEPER, "accept": KEEPER}),
        (KETUA, Part.OUT, None, {"accept": NONE}),
    ],
)
def test_what_can_be_done_depends_on_who_looks_at_what(
    idle: Kit, user: User, part: Part, condition: Condition | None, refused: dict[str, str]
) -> None:
    item = SarprasItem("i1", SarprasKind.LAPTOP, "Laptop", condition=condition or Condition.BAIK)
    row = None if condition is None else InventoryEntry(part, item, ())
    said = refusals(Inventory(idle.context_of(user), Steps()).screen(), at_row(row, filters=(part, "all")))
    assert {name: words.key for name, words in said.items() if words} == refused


def test_only_the_keeper_begins_with_the_usual_and_only_what_is_used_up(idle: Kit) -> None:
    offered = {
        (user.role, part): Inventory(idle.context_of(user), Steps()).screen().empty(at_row(filters=(part,))).action
        for user in (PENGURUS, KETUA)
        for part in Part
    }
    assert [each for each, action in offered.items() if action is not None] == [(PENGURUS.role, Part.CONSUMABLES)]


def test_an_item_shows_its_serial_or_else_what_goes_along_and_its_number(keeper: Kit, steps: Steps) -> None:
    inventory = keeper.context.office.inventory
    inventory.keep_item(replace(inventory.item("i7"), spares="2 jerigen", inventory_number="3.02.01"))
    inventory.keep_item(replace(inventory.item("i8"), condition=Condition.HILANG))
    shown = {row.name: row.cells for row in opened(keeper, steps).rows}
    assert [shown[each][0].detail for each in ("i1", "i7", "i8")] == [
        message("sarpras.serial", serial="SN-FIN-20817"),
        "2 jerigen",
        "AG 1207 KP",
    ]
    assert [shown[each][2].words for each in ("i1", "i7")] == ["–", "3.02.01"]
    screen = Inventory(keeper.context, steps).screen()
    items = [entry for entry in screen.load() if entry.part is Part.ITEMS]
    assert [len({screen.heads[column].order(entry) for entry in items}) for column in (0, 3)] == [8, 2]


def test_searching_and_what_is_out(keeper: Kit, steps: Steps) -> None:
    take_out(keeper)
    listing = opened(keeper, steps)
    listing.presenter.search("kamera")
    assert listing.names == ["i2", "i3"]
    assert listing.rows[0].cells[4].tags[0].words == message("sarpras.away", place="Desa Jimbe")
    assert [row.cells[1].detail for row in listing.rows] == [message("sarpras.critical")] * 2
    listing.presenter.search("kartu")
    assert listing.rows[0].cells[1].detail == ""
    listing.presenter.search("")
    listing.presenter.choose(0, "out")
    assert listing.rows[0].cells[4].words == "Desa Jimbe"
    assert listing.rows[0].cells[4].detail == "21-11-2026 09.00"
    listing.press("accept")
    assert steps.taken == [("push", "check_in", "a1")]


def test_an_empty_list_of_consumables_begins_with_the_usual(tmp_path: Path, steps: Steps) -> None:
    kit = Kit(tmp_path, PENGURUS)
    listing = opened(kit, steps)
    listing.presenter.choose(0, "consumables")
    usual = listing.presenter.state.nothing.action
    assert usual is not None
    listing.presenter.perform(usual)
    listing.presenter.refresh()
    assert len(listing.names) == 6
    kit.store.close()


def test_a_consumable_tells_its_stock_and_when_to_order(keeper: Kit, steps: Steps) -> None:
    listing = opened(keeper, steps)
    listing.presenter.choose(0, "consumables")
    one = keeper.context.office.inventory.consumables()[0]
    amount = listing.rows[0].cells[2]
    assert amount.words == message("sarpras.counted", count=one.stock, unit=one.unit)
    assert amount.detail == message("sarpras.least", count=one.minimum, unit=one.unit)
    keeper.context.office.inventory.restock("c3", -6)
    listing.presenter.refresh()
    assert [row.cells[3].tags[0].words.key for row in listing.rows] == [
        "sarpras.enough",
        "sarpras.enough",
        "sarpras.low",
    ]
    listing.presenter.choose(0, "items")
    assert listing.rows[0].cells[4].words == message("sarpras.here")


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
