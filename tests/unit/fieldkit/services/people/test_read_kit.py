from __future__ import annotations

import pytest

from fieldkit.services.people.read_kit import KitFacts, ReadKit


@pytest.mark.parametrize(("told", "days"), [({}, None), ({"retention_days": "30"}, 30), ({"retention_days": "7.5"}, 7)])
def test_the_facts_are_those_of_the_enrolment(told: dict[str, str], days: int | None) -> None:
    assert ReadKit("KIT-07", {"dinas": "Dinas", **told}).read() == KitFacts("KIT-07", "Dinas", days)
