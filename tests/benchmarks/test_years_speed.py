"""What a sign-in takes of a processor after years of work: no more than on the first day."""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path

import pytest
from support.day import SEED, people
from support.old_home import grow_old

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.demo.kit import prepare
from fieldkit.app.demo.world import World
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from tests.benchmarks.test_program_speed import signed_in

DELIVERED, TURNS, TYPING_S = 20_000, 3, 15
MOST_OF_A_NEW_HOME = 1.3


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A new home, and one of an office that recorded 20,000 people."""
    out = tmp_path_factory.mktemp("years")
    with World(out, SEED) as world:
        prepare(Home(out / "home"), world, people(4))
    old = Home(out / "old")
    shutil.copytree(out / "home", old.path)
    grow_old(old, DELIVERED)
    files = FolderOfSealedFiles(old.sealed)
    files.archive(files.found().manifests)
    return out / "home", old.path


def test_a_sign_in_after_years_takes_no_longer(homes: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """In turns, as the program does it: what is looked after in the background goes on meanwhile."""
    rounds = [[signed_in(home, TYPING_S)[0] for home in homes] for _ in range(TURNS + 1)][1:]
    new, old = (statistics.median(column) for column in zip(*rounds, strict=True))
    with capsys.disabled():
        print(f"\n  sign-in of a new home {new:.2f} s of a processor; with {DELIVERED:,} delivered {old:.2f} s")
    assert old / new <= MOST_OF_A_NEW_HOME
