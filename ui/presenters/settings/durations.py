"""Pengaturan: the minutes by which outreaches are planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.durations import USUAL, Durations
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.planning.plan import Terrain
from fieldkit.domain.typed import read_clock_time, read_whole
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import clock_text
from ui.presenters.messages import Message, message
from ui.presenters.readers import answer
from ui.presenters.settings.section import Kind, Section, SettingField

_PERSON, _HOUSES, _WAY = "person_", "houses_", "way_"
_DAY_ENDS = "day_ends"


class DurationsSection(Section[Durations]):
    """Minutes per condition, from house to house, on the way, and when the day ends."""

    name = "waktu"
    permission = Permission.PLAN
    places: ClassVar[dict[str, str]] = {"efforts.day_ends": _DAY_ENDS}

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.typed = _texts_of(USUAL)

    def read(self) -> Durations:
        """Return the minutes."""
        return self.context.office.durations.read()

    def take(self, kept: Durations) -> None:
        """Show the minutes."""
        self.typed = _texts_of(kept)

    def fields(self) -> tuple[SettingField, ...]:
        """Return a field for each number."""
        return tuple(
            SettingField(name, Kind.TEXT, message(f"pengaturan.{name}"), text, column=_column_of(name))
            for name, text in self.typed.items()
        )

    def keep(self) -> Callable[[], Message]:
        """Return what keeps the minutes."""
        typed = dict(self.typed)

        def kept() -> Message:
            self.context.office.durations.edit(_durations_of(typed))
            return message("pengaturan.waktu_saved")

        return kept


def _texts_of(durations: Durations) -> dict[str, str]:
    return {
        **{f"{_PERSON}{each.value}": str(durations.per_person[each]) for each in ServiceCategory},
        "coordination": str(durations.coordination),
        **{f"{_HOUSES}{each.value}": str(durations.between_houses[each]) for each in Terrain},
        **{f"{_WAY}{each.value}": str(durations.way[each]) for each in Terrain},
        "rest": str(durations.rest),
        _DAY_ENDS: clock_text(durations.day_ends),
    }


def _column_of(name: str) -> int:
    return 0 if name.startswith(_PERSON) else 1 if name.startswith((_HOUSES, _WAY)) else 2


def _durations_of(typed: Mapping[str, str]) -> Durations:
    """Return the minutes as typed. Raise `InputError` with the field that is wrong."""
    minutes = {name: answer(typed, name, read_whole) for name, text in typed.items() if name != _DAY_ENDS}
    return Durations(
        {each: minutes[f"{_PERSON}{each.value}"] for each in ServiceCategory},
        {each: minutes[f"{_HOUSES}{each.value}"] for each in Terrain},
        {each: minutes[f"{_WAY}{each.value}"] for each in Terrain},
        minutes["coordination"],
        minutes["rest"],
        answer(typed, _DAY_ENDS, read_clock_time),
    )
