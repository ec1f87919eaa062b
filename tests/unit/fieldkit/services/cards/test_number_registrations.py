from __future__ import annotations

from pathlib import Path

from support.app_context import Kit

from fieldkit.services.cards.number_registrations import Registrations


def test_each_kit_counts_for_itself(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    with kit.store.write() as unit:
        assert [Registrations("KIT-07").next(unit) for _ in range(2)] == ["KIT-07-R00001", "KIT-07-R00002"]
    kit.store.close()
