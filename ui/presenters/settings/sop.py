"""Pengaturan: which SOPs there are, whose each step is at this dinas, and the minutes by which it plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people.accounts import Permission, Role
from fieldkit.domain.planning.durations import Durations
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.planning.plan import Terrain
from fieldkit.domain.sop.profile import SopProfile, SopStep, StepRoles
from fieldkit.domain.typed import read_clock_time, read_whole
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import clock_text
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.readers import answer
from ui.presenters.settings.section import Kind, Section, SettingField

DOES, RECORDS = "does", "records"
_Read: TypeAlias = tuple[tuple[SopProfile, ...], tuple[Problem, ...], frozenset[str]]
_DAY_ENDS = "day_ends"


@dataclass(frozen=True, slots=True)
class _Given:
    """Whose a step is: these roles do it, or write down what an outsider did."""

    roles: tuple[Role, ...] = ()
    is_recorded: bool = False


_Kept: TypeAlias = tuple[dict[str, SopProfile], dict[tuple[str, int], _Given]]


class SopActorsSection(Section[_Kept]):
    """Per step: the accounts that do it, or that record what an outsider did."""

    name = "sop"
    permission = Permission.KEEP_PROFILE

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._edited: Mapping[tuple[str, int], _Given] = {}

    def read(self) -> _Kept:
        """Return the SOPs and whose their steps are."""
        sop = self.context.office.sop
        profiles = {profile.sop_id: profile for profile in sop.profiles()}
        return profiles, {
            (sop_id, step.no): _Given(step.roles or step.recorded_by, bool(step.recorded_by and not step.roles))
            for sop_id in profiles
            for step in sop.actors(sop_id)
        }

    def take(self, kept: _Kept) -> None:
        """Show whose each step is."""
        super().take(kept)
        self._edited = {}

    def tick(self, name: str, line: str) -> None:
        """Choose between doing and recording, or give the step to one role more or less."""
        step = self._step
        given = self._given(step)
        if name == "part" and line in (DOES, RECORDS):
            given = _Given(given.roles, is_recorded=line == RECORDS)
        elif name == "roles" and line in set(Role):
            roles = set(given.roles) ^ {Role(line)}
            given = _Given(tuple(role for role in Role if role in roles), given.is_recorded)
        self._edited = {**self._edited, (self.sop_id, step): given}

    def fields(self) -> tuple[SettingField, ...]:
        """Return SOPs and steps, and the roles of the step under the cursor."""
        (profiles, _kept), no = self.kept, self._step
        given = self._given(no)
        parts = tuple(
            Line(name, message(f"pengaturan.{name}"), "", given.is_recorded == (name == RECORDS), is_alone=True)
            for name in (DOES, RECORDS)
        )
        roles = tuple(Line(role.value, message(f"role.{role.value}"), "", role in given.roles) for role in Role)
        sops = tuple(Line(sop_id, profile.title, profile.office) for sop_id, profile in profiles.items())
        steps = tuple(self._line(step) for step in self._steps)
        about = message("pengaturan.step", no=no, words=profiles[self.sop_id].step(no).words)
        return (
            SettingField("sops", Kind.LINES, message("common.sop"), lines=sops),
            SettingField("steps", Kind.LINES, message("pengaturan.steps"), lines=steps),
            SettingField("part", Kind.LINES, about, lines=parts, column=1),
            SettingField("roles", Kind.LINES, message("pengaturan.roles"), lines=roles, column=1),
        )

    @property
    def sop_id(self) -> str:
        """Return the SOP in front."""
        line = self.cursors.get("sops", "")
        return line if line in self.kept[0] else next(iter(self.kept[0]))

    def keep(self) -> Message:
        """Keep the steps that were changed."""
        nobodys = next((no for (_sop, no), given in self._edited.items() if not given.roles), None)
        if nobodys is not None:  # before the first is kept
            raise InputError("sop.nobody", step=nobodys)
        for (sop_id, no), given in self._edited.items():
            roles = StepRoles(no, (), given.roles) if given.is_recorded else StepRoles(no, given.roles)
            self.context.office.sop.set_actors(sop_id, roles)
        return message("pengaturan.sop_saved")

    @property
    def _steps(self) -> tuple[SopStep, ...]:
        return tuple(step for step in self.kept[0][self.sop_id].steps if not step.ends_itself)

    @property
    def _step(self) -> int:
        """Return the step under the cursor, which stays at its number where an SOP has it."""
        numbers, line = [step.no for step in self._steps], self.cursors.get("steps", "")
        return int(line) if line.isdigit() and int(line) in numbers else numbers[0]

    def _given(self, no: int) -> _Given:
        return self._edited.get((self.sop_id, no), self.kept[1][self.sop_id, no])

    def _line(self, step: SopStep) -> Line:
        doer = step.doer.column if step.doer else message("pengaturan.no_doer")
        is_edited = (self.sop_id, step.no) in self._edited
        is_blank = not self._given(step.no).roles
        tag = Tag(message("pengaturan.nobody"), Tone.BAD) if is_blank else None
        tag = Tag(message("pengaturan.edited"), Tone.CAUTION) if is_edited and not is_blank else tag
        return Line(str(step.no), f"{step.no}. {step.title}", doer, tag=tag)


class SopFilesSection(Section[_Read]):
    """Which SOPs there are, with those that this dinas begins activities with, and every mistake of its own files."""

    name = "sop_files"
    permission = Permission.KEEP_PROFILE

    def read(self) -> _Read:
        """Return what the files say, read anew, and what the dinas has chosen."""
        sop = self.context.office.sop
        return sop.profiles(), sop.mistakes(), frozenset(each.sop_id for each in sop.chosen())

    def take(self, kept: _Read) -> None:
        """Show the SOPs and the mistakes."""
        super().take(kept)
        self._chosen = kept[2]

    def tick(self, name: str, line: str) -> None:
        """Choose an SOP, or leave it out."""
        if name == "sops":
            self._chosen ^= {line}

    @property
    def sop_id(self) -> str:
        """Return the SOP in front."""
        return self.cursors.get("sops", "") or self.kept[0][0].sop_id

    def fields(self) -> tuple[SettingField, ...]:
        """Return mistakes and SOPs."""
        profiles, mistakes, _chosen = self.kept
        wrong: tuple[tuple[Message, Message], ...] = tuple(
            (message("pengaturan.mistake", no=no), mistake) for no, mistake in enumerate(mistakes, 1)
        ) or ((message("pengaturan.mistakes_none"), ""),)
        found = tuple(
            Line(
                profile.sop_id,
                profile.name,
                message("pengaturan.sop_steps", count=len(profile.steps)),
                is_on=profile.sop_id in self._chosen,
            )
            for profile in profiles
        )
        return (
            SettingField("sops", Kind.LINES, message("pengaturan.sops_there"), lines=found),
            SettingField("mistakes", Kind.FACTS, message("pengaturan.mistakes"), facts=wrong),
        )

    def keep(self) -> Message:
        """Keep the choice."""
        self.context.office.sop.choose(self._chosen)
        return message("pengaturan.sop_files_saved", count=len(self._chosen))


class DurationsSection(Section[Durations]):
    """Minutes per condition, from house to house, on the way, and when the day ends."""

    name = "waktu"
    permission = Permission.PLAN

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
