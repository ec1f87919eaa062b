from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import PASSPHRASE, office

__all__ = ["office", "passphrase_file"]


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\nwhat follows is not read\n")
    return file
