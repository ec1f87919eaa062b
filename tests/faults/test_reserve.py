"""The disk of a kit is full, whoever filled it and whenever: signing in, sending, purging and backup go on.

On a true small disk; the data center, and the stick, are on another one.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.planted import PlantedBug, demand_caught
from support.small_disk import on_a_small_disk
from support.tries import some_of

ORDERS = ("before", "during", "kit")  # others before the sign-in, others while somebody is signed in, the kit itself
SIGN_INS = 8
BUGS = {
    "nobody_gives_it_up": ("during", PlantedBug("nobody_gives_it_up", "^refused: sent .*disk_full")),
    "the_kit_grows_on": ("kit", PlantedBug("the_kit_grows_on", "^refused: ")),
    "what_is_left_is_not_held": ("during", PlantedBug("what_is_left_is_not_held", "^refused: ")),
}


def use(disk: Path, elsewhere: Path, order: str, *bug: str) -> list[str]:
    """Return what was refused, and at the end what was not as it must be."""
    disk.mkdir()
    elsewhere.mkdir()
    *refused, told = on_a_small_disk(disk, 24, "-m", "support.full_home", order, str(disk), str(elsewhere), *bug)
    said = json.loads(told)
    times = 2 if order == "during" else 1
    wanted = {"signed in": SIGN_INS, "sent": 2 * times, "backed up": times, "told": 1, "purged": 2, "kept again": True}
    wanted |= {"lost": 0, "doubled": 0}
    return refused + [f"{what}: {said.get(what, 0)}" for what in wanted if said.get(what, 0) != wanted[what]]


@pytest.mark.parametrize("order", some_of(ORDERS, 1))
def test_a_full_disk_keeps_nobody_out(tmp_path: Path, order: str) -> None:
    assert use(tmp_path / "disk", tmp_path / "elsewhere", order) == []


@pytest.mark.faults
@pytest.mark.parametrize("order", ORDERS)
def test_in_every_order_a_full_disk_keeps_nobody_out(tmp_path: Path, order: str) -> None:
    assert use(tmp_path / "disk", tmp_path / "elsewhere", order) == []


@pytest.mark.faults
@pytest.mark.parametrize("name", BUGS)
def test_the_planted_bug_is_caught(tmp_path: Path, name: str) -> None:
    order, bug = BUGS[name]
    demand_caught(use(tmp_path / "disk", tmp_path / "elsewhere", order, name), bug)
