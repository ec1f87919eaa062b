"""Pengaturan: the minutes by which outreaches are planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.efforts import USUAL, Efforts
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.planning.plan import Terrain
from fieldkit.domain.typed import read_clock_time, read_whole
from fieldkit.services.context.desk import Desk
from ui.presenters.readers import answer
from ui.presenters.settings.section import Kind, Section, SettingField, Take
from ui.presenters.words import Words, phrase

_PERSON, _HOUSES, _WAY = "person_", "houses_", "way_"
_DAY_ENDS = "day_ends"


class EffortsSection(Section):
    """Minutes per condition, from house to house, on the way, and when the day ends."""

    name = "waktu"
    permission = Permission.PLAN
    places: ClassVar[dict[str, str]] = {"efforts.day_ends": _DAY_ENDS}

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.typed = _texts_of(USUAL)

    def load(self) -> Take:
        """Read the minutes."""
        efforts = self.desk.office.efforts.read()

        def take() -> None:
            self.typed = _texts_of(efforts)

        return take

    def fields(self) -> tuple[SettingField, ...]:
        """Return a field for each number."""
        return tuple(
            SettingField(name, Kind.TEXT, phrase(f"pengaturan.{name}"), text, column=_column_of(name))
            for name, text in self.typed.items()
        )

    def keep(self) -> Callable[[], Words]:
        """Return what keeps the minutes."""
        typed = dict(self.typed)

        def kept() -> Words:
            self.desk.office.efforts.edit(_efforts_of(typed))
            return phrase("pengaturan.waktu_saved")

        return kept


def _texts_of(efforts: Efforts) -> dict[str, str]:
    return {
        **{f"{_PERSON}{each.value}": str(efforts.per_person[each]) for each in ServiceCategory},
        "coordination": str(efforts.coordination),
        **{f"{_HOUSES}{each.value}": str(efforts.between_houses[each]) for each in Terrain},
        **{f"{_WAY}{each.value}": str(efforts.way[each]) for each in Terrain},
        "rest": str(efforts.rest),
        _DAY_ENDS: f"{efforts.day_ends:%H.%M}",
    }


def _column_of(name: str) -> int:
    return 0 if name.startswith(_PERSON) else 1 if name.startswith((_HOUSES, _WAY)) else 2


def _efforts_of(typed: Mapping[str, str]) -> Efforts:
    """Return the minutes as typed. Raise `InputError` with the field that is wrong."""
    minutes = {name: answer(typed, name, read_whole) for name, text in typed.items() if name != _DAY_ENDS}
    return Efforts(
        {each: minutes[f"{_PERSON}{each.value}"] for each in ServiceCategory},
        {each: minutes[f"{_HOUSES}{each.value}"] for each in Terrain},
        {each: minutes[f"{_WAY}{each.value}"] for each in Terrain},
        minutes["coordination"],
        minutes["rest"],
        answer(typed, _DAY_ENDS, read_clock_time),
    )
