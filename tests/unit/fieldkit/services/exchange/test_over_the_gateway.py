"""What laptops of a team tell each other over the gateway: no more than is news, and never less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.laptops import Laptop, team

from fieldkit.domain.visits import Outcome
from fieldkit.services.visits.run_visits import Ended

AWAY, NO = Ended(Outcome.TIDAK_DI_TEMPAT, wants_revisit=True), Ended(Outcome.MENOLAK)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Laptop]]:
    laptops = team(tmp_path, "ABC")
    yield laptops
    for laptop in laptops:
        laptop.store.close()


def over_the_gateway(one: Laptop, other: Laptop) -> bool:
    """Tell another laptop what is news, as a run does; return whether there was any."""
    made = one.exchange.make_for({other.kit: other.seal.recipient})
    if made is None:
        return False
    one.exchange.posted(made)
    other.exchange.take(made.content)
    return True


def test_what_goes_over_the_gateway_comes_to_rest_and_merges_as_from_a_stick(three: list[Laptop]) -> None:
    one, other, _ = three
    assert over_the_gateway(one, other)
    one.visits.end(one.visits.begin("t-1").thing_id, NO)
    other.visits.end(other.visits.begin("t-2").thing_id, AWAY)
    rounds = 0
    while over_the_gateway(one, other) | over_the_gateway(other, one):
        rounds += 1
        assert rounds < 4
    assert one.state() == other.state()
    assert one.exchange.make_for({}) is None
    assert one.exchange.make_for({other.kit: other.seal.recipient}) is None


@pytest.mark.days
def test_what_never_reached_the_gateway_is_made_again(three: list[Laptop]) -> None:
    one, other, _ = three
    assert over_the_gateway(one, other)
    one.visits.end(one.visits.begin("t-1").thing_id, NO)
    recipients = {other.kit: other.seal.recipient}
    first, again = one.exchange.make_for(recipients), one.exchange.make_for(recipients)
    assert first is not None
    assert again is not None
    assert (again.until, again.kits) == (first.until, (other.kit,))
    assert other.exchange.take(again.content).new > 0


@pytest.mark.days
def test_a_laptop_that_joins_the_team_is_told_everything(three: list[Laptop]) -> None:
    one, other, third = three
    assert over_the_gateway(one, other)
    assert not over_the_gateway(one, other)
    made = one.exchange.make_for({each.kit: each.seal.recipient for each in (other, third)})
    assert made is not None
    assert made.kits == (other.kit, third.kit)
