"""Pengaturan: what this kit is, what is wrong with its laptop, and whose devices it believes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from fieldkit.domain.delivery.audit import AuditReport, Loss
from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.laptop_check import Finding
from fieldkit.ports.trusted_providers import Provider
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.people.read_kit import KitFacts
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text, in_fours, moment_text
from ui.presenters.commands import Command
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.readers import answer, read_file
from ui.presenters.settings.section import Kind, Section, SettingField

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
        faults = sum(not found.is_ok for found in self.kept)
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
        problem = found.problem if found else None
        return SettingField("remedy", Kind.TROUBLE, name, note="" if problem else fine, problem=problem, column=1)


def _urgency(found: Finding) -> int:
    return 2 if found.is_ok else 0 if found.is_needed else 1


def _line(name: str, found: Finding) -> Line:
    how, tone = (("bad", Tone.BAD), ("look", Tone.CAUTION), ("good", Tone.GOOD))[_urgency(found)]
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
