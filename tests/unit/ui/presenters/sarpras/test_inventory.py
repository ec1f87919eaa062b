from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.checklists import stocked_kit
from support.listing import Listing, at_row, refusals
from support.sarpras import KIT_ID, take_out
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import User
from fieldkit.domain.sarpras.inventory import Condition, SarprasItem, SarprasKind
from ui.presenters.messages import message
from ui.presenters.sarpras.inventory import Inventory, InventoryEntry, Part


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
    assert len(listing.names) == 7
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
