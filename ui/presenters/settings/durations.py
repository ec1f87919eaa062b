"""Pengaturan: the minutes by which outreaches are planned."""

from __future__ import annotations

from typing import ClassVar

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.durations import Durations
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.planning.plan import Terrain
from fieldkit.domain.typed import read_clock_time, read_whole
from ui.presenters.amounts import clock_text
from ui.presenters.messages import Message, message
from ui.presenters.readers import answer
from ui.presenters.settings.section import Section, SettingField

_DAY_ENDS = "day_ends"


class DurationsSection(Section[Durations]):
    """Minutes per condition, from house to house, on the way, and when the day ends."""

    name = "waktu"
    permission = Permission.PLAN
    places: ClassVar[dict[str, str]] = {"efforts.day_ends": _DAY_ENDS}

    def read(self) -> Durations:
        """Return the minutes."""
        return self.context.office.durations.read()

    def fields(self) -> tuple[SettingField, ...]:
        """Return a field for each number."""
        kept = self.kept
        people = (self.text(f"person_{each}", str(kept.per_person[each])) for each in ServiceCategory)
        houses = (self.text(f"houses_{each}", str(kept.between_houses[each]), column=1) for each in Terrain)
        ways = (self.text(f"way_{each}", str(kept.way[each]), column=1) for each in Terrain)
        coordination = self.text("coordination", str(kept.coordination), column=2)
        rest, ends = (
            self.text("rest", str(kept.rest), column=2),
            self.text(_DAY_ENDS, clock_text(kept.day_ends), column=2),
        )
        return (*people, coordination, *houses, *ways, rest, ends)

    def keep(self) -> Message:
        """Keep the minutes. Raise `InputError` with the field that is wrong."""
        typed = {field.name: field.text for field in self.fields()}
        minutes = {name: answer(typed, name, read_whole) for name in typed if name != _DAY_ENDS}
        self.context.office.durations.edit(
            Durations(
                {each: minutes[f"person_{each}"] for each in ServiceCategory},
                {each: minutes[f"houses_{each}"] for each in Terrain},
                {each: minutes[f"way_{each}"] for each in Terrain},
                minutes["coordination"],
                minutes["rest"],
                answer(typed, _DAY_ENDS, read_clock_time),
            )
        )
        return message("pengaturan.waktu_saved")
