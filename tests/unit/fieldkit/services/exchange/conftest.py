from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.laptops import Laptop, opened, team


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("begun")
    for laptop in team(home, "ABC"):
        laptop.store.close()
    return home


@pytest.fixture
def three(begun: Path, tmp_path: Path) -> Iterator[list[Laptop]]:
    laptops = [opened(shutil.copytree(begun, tmp_path / "team", dirs_exist_ok=True), name) for name in "ABC"]
    yield laptops
    for laptop in laptops:
        laptop.store.close()


@pytest.fixture
def pair(three: list[Laptop]) -> list[Laptop]:
    return three[:2]
