from __future__ import annotations

from pathlib import Path

from support.app_context import KETUA, Kit


def test_the_office_belongs_to_the_signed_in_user(tmp_path: Path) -> None:
    with Kit(tmp_path, KETUA) as kit:
        assert kit.context.office.units.user == kit.context.user == KETUA
        assert kit.context.office.units.clock is kit.clock
