from __future__ import annotations

from pathlib import Path

from support.desk import KETUA, Kit


def test_the_office_belongs_to_the_signed_in_user(tmp_path: Path) -> None:
    with Kit(tmp_path, KETUA) as kit:
        assert kit.desk.office.acts.user == kit.desk.user == KETUA
        assert kit.desk.office.acts.clock is kit.clock
