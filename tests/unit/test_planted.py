"""A planted bug is caught by its own fact only; a plant that breaks fails the test."""

from __future__ import annotations

import traceback

import pytest
from support.planted import PlantedBug, demand_caught, demand_quiet

BUG = PlantedBug("row before file", "has a row and no file")
FACT = "record 7 has a row and no file of its digest"


def test_its_own_fact_is_caught_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    demand_caught(["killed at rename 3:", "the queue is longer", FACT], BUG)
    assert capsys.readouterr().out == f"\n  caught: row before file: {FACT}\n"


def test_what_the_disk_refuses_may_be_the_fact() -> None:
    demand_caught(["the day does not go on: FileNotFoundError(2)"], PlantedBug("a", "FileNotFoundError"))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "'row before file' was not caught: nothing was found, not 'has a row and no file'"),
        (["the log breaks at 3"], "'row before file' was not given away by 'has a row and no file' but by:"),
        ([FACT, "TypeError lazy() takes 3 arguments at put.py:7"], "the plant of 'row before file' broke (TypeError)"),
        ([FACT, "ended 'AttributeError: no _commit'"], "the plant of 'row before file' broke (AttributeError)"),
        ([FACT, "the child died by itself"], "the plant of 'row before file' broke (died by itself)"),
    ],
)
def test_nothing_another_fact_or_a_broken_plant_fails(found: list[str], words: str) -> None:
    with pytest.raises(AssertionError) as failed:
        demand_caught(found, BUG)
    assert str(failed.value).startswith(words)


def test_a_plant_that_raises_fails() -> None:
    """As a harness tells what a fork said."""

    def lazy(_first: object) -> None: ...

    try:
        lazy(1, 2)  # type: ignore[call-arg]  # the stale signature
    except TypeError:
        said = traceback.format_exc().splitlines()
    with pytest.raises(AssertionError, match="the plant of 'row before file' broke"):
        demand_caught([FACT, *said], BUG)


def test_a_bug_that_shows_when_nothing_happens_fails() -> None:
    demand_quiet([], BUG)
    with pytest.raises(AssertionError, match="'row before file' does not end as it should when nothing happens"):
        demand_quiet([FACT], BUG)
