"""Services are built by their constructors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from support.clock import HandClock

from fieldkit.app.bootstrap.builder import Builder
from fieldkit.ports.clock import Clock
from fieldkit.services.cards.print_cards import Registrations
from fieldkit.services.letters.print_papers import Archive


@dataclass
class Parts:
    kit_id: str
    of_kit: str
    clock: Clock
    double: Callable[[int], int]


class Counts:
    __module__ = "fieldkit.services.counts"

    def __init__(self, registrations: Registrations, kit_id: str) -> None:
        self.registrations, self.kit_id = registrations, kit_id


class Report:
    __module__ = "fieldkit.services.report"

    def __init__(self, at: Clock, counts: Counts, double: Callable[[int], int], archive: Archive) -> None:
        self.at, self.counts, self.double, self.archive = at, counts, double, archive


@pytest.fixture
def parts() -> Parts:
    return Parts("KIT-07", "another", HandClock(), lambda number: 2 * number)


def test_each_parameter_takes_what_is_there_of_its_type(parts: Parts) -> None:
    builder = Builder(parts)
    report = builder.build(Report)
    assert (report.at, report.double(4), report.counts.kit_id) == (parts.clock, 8, "KIT-07")
    assert report.counts.registrations == Registrations("KIT-07")


def test_each_service_is_built_once(parts: Parts) -> None:
    builder = Builder(parts)
    assert builder.build(Report).counts is builder.build(Counts)


def test_what_nothing_fits_is_named(parts: Parts) -> None:
    class Lost:
        def __init__(self, name: str) -> None: ...

    class Wrong:
        def __init__(self, halve: Callable[[int], int]) -> None: ...

    class Strange:
        def __init__(self, clock: HandClock) -> None: ...

    for service, asked in ((Lost, r"Lost\(name\).*str"), (Wrong, r"Wrong\(halve\)"), (Strange, r"Strange\(clock\)")):
        with pytest.raises(TypeError, match=asked):
            Builder(parts).build(service)


def test_two_parts_of_one_type_are_refused() -> None:
    @dataclass
    class Twice:
        clock: Clock
        other: Clock

    with pytest.raises(TypeError, match=r"Twice\.other is a second .*Clock"):
        Builder(Twice(HandClock(), HandClock()))
