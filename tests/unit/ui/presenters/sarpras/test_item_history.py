from __future__ import annotations

from pathlib import Path

from support.app_context import PENGURUS
from support.checklists import stocked_kit
from support.listing import Listing
from support.sarpras import take_out
from support.tasks import SameThread, Steps

from ui.presenters.lists import Facts, Photo
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.sarpras.item_history import ItemHistory


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


def test_an_unknown_item_is_an_error(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PENGURUS):
        listing = Listing(ItemHistory(kit.context, "nowhere").screen(), SameThread(), steps)
        assert listing.presenter.state.stage is Stage.ERROR
