"""Pengaturan: what this kit is, what is wrong with its laptop, and whose devices it believes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import TypeAlias

from fieldkit.domain.delivery import AuditReport, Loss
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.domain.people import Permission, Role
from fieldkit.domain.planning.outreach import ServiceCategory, Terrain
from fieldkit.domain.planning.schedule import CalendarChoice, Durations, WorkHours
from fieldkit.domain.sop.profile import SopProfile, SopStep, StepRoles
from fieldkit.domain.typed import read_clock_time, read_whole
from fieldkit.ports.laptop import Finding
from fieldkit.ports.vault import Provider
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.people.keep_accounts import KitFacts
from ui.presenters.amounts import clock_text, day_text, in_fours, moment_text
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Action, Command, Message, message
from ui.presenters.readers import answer, read_file
from ui.presenters.settings.signing import Kind, Section, SettingField
from ui.presenters.wording import Line

_SHOWN_HEX = 32
_OFFICE_SHOWN = 6  # the latest; more do not fit
_Read = tuple[KitFacts, AuditReport, tuple[BundleStanding, ...]]


class KitSection(Section[_Read]):
    """Kit, certificate and retention; language, theme and voice have their keys here as everywhere."""

    name = "kit"
    actions = (
        Command("language", message("act.language"), Action.LANGUAGE, runs=Action.LANGUAGE),
        Command("theme", message("act.theme"), Action.THEME, runs=Action.THEME),
        Command("voice", message("act.voice"), Action.VOICE, runs=Action.VOICE),
    )

    def read(self) -> _Read:
        """Return the facts, check the event log with all that it notes, and read what came from the office."""
        return self.context.office.kit.read(), self.context.audit.report(), tuple(self.context.delivery.from_office())

    def fields(self) -> tuple[SettingField, ...]:
        """Return what the kit is."""
        (found, audit, came), certificate = self.kept, self.context.kit_certificate
        fingerprint = in_fours(sha256(certificate).hexdigest()[:_SHOWN_HEX].upper())
        days = found.retention_days
        kept = (
            message("pengaturan.retention_ever") if days is None else message("pengaturan.retention_days", count=days)
        )
        facts: tuple[tuple[Message, Message], ...] = (
            (message("pengaturan.kit_id"), found.kit_id),
            (message("pengaturan.kit_dinas"), found.dinas),
            (
                message("pengaturan.kit_certificate"),
                fingerprint if certificate else message("common.none_yet"),
            ),
            (message("pengaturan.retention"), kept),
            *self._audited(audit),
            *map(self._from_office, came[-_OFFICE_SHOWN:]),
        )
        return (SettingField("facts", Kind.FACTS, "", facts=facts, note=message("pengaturan.kit_note")),)

    def _audited(self, audit: AuditReport) -> tuple[tuple[Message, Message], ...]:
        rows, faults, proven = audit.rows, audit.faults, audit.proven_to
        said = message("audit.ok", rows=rows)
        if faults:
            said = message("audit.not_ok", count=len(faults), which=f"{faults[0].kind} {faults[0].thing_id}")
        up_to: Message = message("audit.proven_short_nobody")
        if proven is not None:
            at = self.context.clock.local(proven.at)
            up_to = message("audit.proven_short", sequence=proven.sequence, at=moment_text(at))
        lost = ((message("audit.lost"), self._lost(loss)) for loss in audit.losses)
        return (message("audit.checked"), said), (message("audit.proven"), up_to), *lost

    def _from_office(self, came: BundleStanding) -> tuple[Message, Message]:
        """Return what it is in which version, and since when, or which later one was refused."""
        if came.refused:
            return message(f"kirim.office_{came.kind.value}", version=came.version), message(
                "pengaturan.office_refused", version=came.refused
            )
        at = moment_text(self.context.clock.local(came.applied_at)) if came.applied_at else ""
        return message(f"kirim.office_{came.kind.value}", version=came.version), message("kirim.office_at", at=at)

    def _lost(self, loss: Loss) -> Message:
        at = moment_text(self.context.clock.local(loss.at))
        return message("audit.lost_rows", first=loss.first, last=loss.last, at=at)


class LaptopSection(Section[Sequence[Finding]]):
    """Faults first; under the cursor what to do. Saving writes the diagnostics file into the folder."""

    name = "periksa"
    permission = Permission.READ_STATUS

    def read(self) -> Sequence[Finding]:
        """Look at the laptop; this takes some seconds."""
        return sorted(self.context.laptop.examine(), key=_urgency)

    def fields(self) -> tuple[SettingField, ...]:
        """Return the checklist, what to do about the line under the cursor, and where the file goes."""
        lines = tuple(_line(str(at), found) for at, found in enumerate(self.kept))
        faults = sum(found.problem is not None for found in self.kept)
        count = message("common.to_look_at", count=faults) if faults else message("pengaturan.no_findings")
        place = self.text("place", hint="place_hint", kind=Kind.FOLDER, column=1)
        return (SettingField("findings", Kind.LINES, count, lines=lines), self._told(), place)

    def keep(self) -> Message:
        """Write the diagnostics file."""
        return message("pengaturan.periksa_saved", file=str(self.context.laptop.diagnose(self.typed.get("place", ""))))

    def _told(self) -> SettingField:
        """Return what is wrong with the line under the cursor and its remedy; of a good one what was found."""
        line = self.cursors.get("findings", "")
        found = next(iter(self.kept[int(line) if line.isdigit() else 0 :]), None)
        name: Message = message(f"doctor.{found.name}") if found else ""
        fine: Message = (found.detail if found else "") or message("pengaturan.finding_fine")
        if found is not None and not found.is_checked:
            fine = message("pengaturan.finding_unchecked_note")
        problem = found.problem if found else None
        return SettingField("remedy", Kind.TROUBLE, name, note="" if problem else fine, problem=problem, column=1)


_TAGS = (("bad", Tone.BAD), ("look", Tone.CAUTION), ("unchecked", Tone.NEUTRAL), ("good", Tone.GOOD))


def _urgency(found: Finding) -> int:
    if found.problem is None:
        return 3 if found.is_checked else 2
    return 0 if found.is_needed else 1


def _line(name: str, found: Finding) -> Line:
    how, tone = _TAGS[_urgency(found)]
    return Line(name, message(f"doctor.{found.name}"), tag=Tag(message(f"pengaturan.finding_{how}"), tone))


class ProvidersSection(Section[tuple[Provider, ...]]):
    """A file is read first and its fingerprint shown; saving it once more trusts it. Space marks one to be let go."""

    name = "penyedia"
    permission = Permission.KEEP_PROFILE

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._seen: dict[str, tuple[Provider, ...]] = {}  # the file that was read, and whose it is; all copies know it
        self._gone: frozenset[str] = frozenset()

    def read(self) -> tuple[Provider, ...]:
        """Return whom this kit trusts."""
        return tuple(self.context.set_up.providers.listed())

    def take(self, kept: tuple[Provider, ...]) -> None:
        """Show them, and the file that was read and not trusted yet."""
        super().take(kept)
        self._gone = frozenset()
        for path in self._seen:
            super().type("provider", path)

    def type(self, name: str, text: str) -> None:
        """Take a path; another file is read first again."""
        super().type(name, text)
        self._seen.clear()

    def tick(self, name: str, line: str) -> None:
        """Mark one that is trusted no longer."""
        if name == "providers":
            self._gone ^= {line}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the file, what stands in it, and whom this kit trusts."""
        title = message("pengaturan.providers_kept", count=len(self.kept))
        lines = tuple(
            Line(
                each.fingerprint,
                each.name,
                in_fours(each.fingerprint.replace(":", "")),
                is_on=each.fingerprint in self._gone,
            )
            for each in self.kept
        )
        note = message("pengaturan.providers_note")
        return (
            self.text("provider", hint="provider_hint", kind=Kind.FILE),
            SettingField("found", Kind.FACTS, message("pengaturan.provider_found"), facts=self._found()),
            SettingField("providers", Kind.LINES, title, lines=lines, note=note, column=1),
        )

    def keep(self) -> Message:
        """Let go of those marked, read a file, or trust the one that was read and compared."""
        path, providers = self.typed.get("provider", "").strip(), self.context.set_up.providers
        for fingerprint in self._gone:
            providers.distrust(fingerprint)
        if not path:
            if not self._gone:
                raise InputError("trust.nothing").at("provider")
            return message("pengaturan.provider_gone")
        content = answer(self.typed, "provider", read_file)[1]
        found, seen = tuple(providers.look(content)), self._seen.pop(path, None)
        if found != seen:
            self._seen[path] = found
            return message("pengaturan.provider_compare")
        providers.trust(content)
        return message("pengaturan.penyedia_saved")

    def _found(self) -> tuple[tuple[Message, Message], ...]:
        return tuple(
            fact
            for found in self._seen.values()
            for each in found
            for fact in (
                (message("pengaturan.provider_name"), each.name),
                (message("pengaturan.provider_until"), day_text(self.context.clock.local(each.until).date())),
                (message("pengaturan.provider_fingerprint"), in_fours(each.fingerprint.replace(":", ""))),
            )
        ) or ((message("pengaturan.provider_none"), ""),)


# Pengaturan: which SOPs there are, whose each step is at this dinas, and the minutes by which it plans.

DOES, RECORDS = "does", "records"
_ReadSop: TypeAlias = tuple[tuple[SopProfile, ...], tuple[Problem, ...], frozenset[str]]
_DAY_ENDS = "day_ends"
_HOURS = tuple(field.name for field in fields(WorkHours))


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


class SopFilesSection(Section[_ReadSop]):
    """Which SOPs there are, with those that this dinas begins activities with, and every mistake of its own files."""

    name = "sop_files"
    permission = Permission.KEEP_PROFILE

    def read(self) -> _ReadSop:
        """Return what the files say, read anew, and what the dinas has chosen."""
        sop = self.context.office.sop
        return sop.profiles(), sop.mistakes(), frozenset(each.sop_id for each in sop.chosen())

    def take(self, kept: _ReadSop) -> None:
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


class OfficeHoursSection(Section[CalendarChoice]):
    """The office hours with their break, by which steps of an SOP are timed."""

    name = "jam"
    permission = Permission.KEEP_PROFILE

    def read(self) -> CalendarChoice:
        """Return the choice that holds the hours."""
        return self.context.office.calendar.calendar().choice

    def fields(self) -> tuple[SettingField, ...]:
        """Return opening, break and closing of both types of day."""
        days = (("usual", self.kept.hours), ("friday", self.kept.friday))
        return tuple(
            self.text(f"{day}_{part}", clock_text(getattr(hours, part)), column=column)
            for column, (day, hours) in enumerate(days)
            for part in _HOURS
        )

    def keep(self) -> Message:
        """Keep the hours. Raise `InputError` with the field that is wrong."""
        typed = {field.name: field.text for field in self.fields()}
        usual, friday = (
            WorkHours(*(answer(typed, f"{day}_{part}", read_clock_time) for part in _HOURS))
            for day in ("usual", "friday")
        )
        self.context.office.calendar.set_hours(usual, friday)
        return message("pengaturan.jam_saved")


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
