"""What a recorded person costs the laptop's disk, seen from outside: bytes and waits from the opening to the seal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.disk_of_a_day import spent_on_a_day
from support.power import demand

from tests.benchmarks.goals import BYTES_OF_A_PERSON, WAITS_OF_A_PERSON

if TYPE_CHECKING:
    from tests.e2e.conftest import Outreach


@pytest.mark.days
def test_a_sealed_person_costs_little_of_the_disk(outreach: Outreach, tmp_path: Path) -> None:
    demand()
    spent = spent_on_a_day(outreach.out, len(outreach.residents), tmp_path)
    print(f"\n  {spent}")
    assert len(spent) == len(outreach.residents)
    assert max(each.written for each in spent) <= BYTES_OF_A_PERSON
    # On average: each act is a wait, and exceptions are acts.
    assert sum(each.waits for each in spent) <= WAITS_OF_A_PERSON * len(spent)
