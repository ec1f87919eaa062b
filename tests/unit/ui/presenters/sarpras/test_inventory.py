from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.checklists import stocked_kit
from support.desk import KETUA, PENGURUS, Kit
from support.sarpras import KIT_ID, take_out
from support.tasks import SameThread, Steps

from fieldkit.domain.sarpras.inventory import Condition
from ui.presenters.sarpras.inventory import InventoryPresenter, Shelf
from ui.presenters.words import phrase


@pytest.fixture
def keeper(tmp_path: Path):
    yield from stocked_kit(tmp_path, PENGURUS)


def opened(kit: Kit, steps: Steps) -> InventoryPresenter:
    presenter = InventoryPresenter(kit.desk, SameThread(), steps)
    presenter.start()
    return presenter


def names(presenter: InventoryPresenter) -> list[str]:
    return [presenter.state.rows.row(at).name for at in range(presenter.state.rows.count)]


def test_four_lists_follow_each_other(keeper: Kit, steps: Steps) -> None:
    presenter = opened(keeper, steps)
    seen = []
    for _ in Shelf:
        seen.append((presenter.state.shelf, len(names(presenter))))
        presenter.next_shelf()
    assert seen == [(Shelf.ITEMS, 8), (Shelf.CONSUMABLES, 3), (Shelf.KITS, 1), (Shelf.OUT, 0)]
    presenter.previous_shelf()
    assert presenter.state.shelf is Shelf.OUT
    assert presenter.state.nothing.title == phrase("sarpras.none.out")


def test_the_keeper_changes_and_adds(keeper: Kit, steps: Steps) -> None:
    presenter = opened(keeper, steps)
    presenter.select("i3")
    presenter.accept()
    presenter.add()
    presenter.history()
    presenter.photo()
    presenter.repair()  # nothing to repair
    presenter.choose_shelf("kits")
    presenter.accept()
    assert steps.taken == [
        ("push", "sarpras_item", "i3"),
        ("push", "sarpras_item", ""),
        ("push", "item_history", "i3"),
        ("push", "sarpras_photo", "item", "", "i3"),
        ("push", "sarpras_kit", KIT_ID),
    ]


def test_others_look_and_the_buttons_say_why(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, KETUA):
        presenter = opened(kit, steps)
        presenter.accept()
        presenter.add()
        presenter.photo()
        assert steps.taken == []
        assert presenter.state.bar.actions[-1].refused == phrase("sarpras.only_keeper")
        presenter.history()
        assert steps.taken[-1][1] == "item_history"


def test_what_is_broken_and_what_is_low_is_counted(keeper: Kit, steps: Steps) -> None:
    inventory = keeper.desk.office.inventory
    inventory.keep_item(replace(inventory.item("i1"), condition=Condition.HILANG))
    inventory.restock("c3", -6)
    presenter = opened(keeper, steps)
    assert presenter.state.tags[0].words == phrase("sarpras.broken_count", count=1)
    presenter.select("i1")
    presenter.repair()
    assert steps.taken == [("push", "sarpras_repair", "i1")]
    presenter.next_shelf()
    assert presenter.state.tags[0].words == phrase("sarpras.low_count", count=1)


def test_searching_and_what_is_out(keeper: Kit, steps: Steps) -> None:
    take_out(keeper)
    presenter = opened(keeper, steps)
    presenter.search("kamera")
    assert names(presenter) == ["i2", "i3"]
    assert presenter.state.rows.row(0).cells[4].tags[0].words == phrase("sarpras.away", place="Desa Jimbe")
    presenter.search("zzz")
    assert presenter.state.nothing.title == phrase("sarpras.not_found", text="zzz")
    presenter.search("")
    presenter.choose_shelf("out")
    presenter.accept()
    presenter.back()
    assert steps.taken == [("push", "check_in", "a1"), ("back",)]


def test_an_empty_shelf_of_consumables_begins_with_the_usual(tmp_path: Path, steps: Steps) -> None:
    kit = Kit(tmp_path, PENGURUS)
    presenter = opened(kit, steps)
    presenter.next_shelf()
    assert presenter.state.nothing.action is not None
    presenter.usual()
    assert presenter.state.rows.count == 7
    kit.store.close()
