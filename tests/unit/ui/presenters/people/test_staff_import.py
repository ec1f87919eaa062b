from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import Kit
from support.plans import ADMIN

from fieldkit.domain.errors import InputError
from ui.presenters.people.staff_import import staff_import_form


def test_a_file_is_taken_over_or_named_when_it_cannot_be_read(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        form = staff_import_form(kit.context)
        assert form.load()[0].is_file
        (tmp_path / "pegawai.csv").write_text("Nama;Jabatan\nSri Lestari;Pranata\n")
        assert form.keep({"file": str(tmp_path / "pegawai.csv")}) == 1
        assert [person.name for person in kit.context.office.staff.search()] == ["Sri Lestari"]
        with pytest.raises(InputError, match=r"list\.unreadable"):
            form.keep({"file": str(tmp_path / "gone.csv")})
