from __future__ import annotations

from pathlib import Path

from support.app_context import KETUA
from support.checklists import stocked_kit


def test_each_way_has_its_lists(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path, KETUA):
        sarpras = kit.context.office.sarpras
        assert [sarpras.lists(way).way for way in ("out", "in")] == ["sarpras_out", "sarpras_in"]
        assert (sarpras.lists("out"), sarpras.lists("in")) == (sarpras.out, sarpras.back)
