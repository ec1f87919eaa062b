from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.domain.errors import InputError
from ui.presenters.paths import read_file


def test_a_path_is_read_as_typed_or_pasted(tmp_path: Path) -> None:
    file = tmp_path / "daftar warga.csv"
    file.write_bytes(b"NIK")
    for path in (str(file), f'  "{file}" ', f"'{file}'", f"file://{file}"):
        assert read_file(path) == ("daftar warga.csv", b"NIK")


@pytest.mark.parametrize("path", ["/tidak/ada.xlsx", "", "\x00", "~nobody-at-all/x"])
def test_what_cannot_be_read_is_named(path: str) -> None:
    with pytest.raises(InputError, match=r"list\.unreadable"):
        read_file(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"list\.unreadable"):
        read_file(str(tmp_path))
