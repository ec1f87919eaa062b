"""Pengaturan: what this kit is. It is only shown: it changes at the gateway."""

from __future__ import annotations

from hashlib import sha256

from fieldkit.domain.delivery.audit import AuditReport, Loss
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.services.people.read_kit import KitFacts
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command
from ui.presenters.messages import Message, message
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
        fingerprint = sha256(certificate).hexdigest()[:_SHOWN_HEX].upper()
        in_fours = " ".join(fingerprint[at : at + 4] for at in range(0, _SHOWN_HEX, 4))
        days = found.retention_days
        kept = (
            message("pengaturan.retention_ever") if days is None else message("pengaturan.retention_days", count=days)
        )
        facts: tuple[tuple[Message, Message], ...] = (
            (message("pengaturan.kit_id"), found.kit_id),
            (message("pengaturan.kit_dinas"), found.dinas),
            (message("pengaturan.kit_certificate"), in_fours if certificate else message("pengaturan.no_certificate")),
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
