"""Pengaturan: what this kit is. It is only shown: it changes at the gateway."""

from __future__ import annotations

from hashlib import sha256

from fieldkit.domain.delivery.audit import AuditReport
from fieldkit.services.context.desk import Desk
from fieldkit.services.people.read_kit import KitFacts
from ui.presenters.acts import Act
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command
from ui.presenters.settings.section import Kind, Section, SettingField, Take
from ui.presenters.words import Words, phrase

_SHOWN_HEX = 32


class KitSection(Section):
    """Kit, certificate and retention; language and theme have their keys here as everywhere."""

    name = "kit"
    actions = (
        Command("language", phrase("act.language"), Act.LANGUAGE),
        Command("theme", phrase("act.theme"), Act.THEME),
    )

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._facts = KitFacts("", "", None)
        self._audit: AuditReport | None = None

    def load(self) -> Take:
        """Read the facts, and check the event log with all that it notes."""
        facts, audit = self.desk.office.kit.read(), self.desk.audit.report()

        def take() -> None:
            self._facts, self._audit = facts, audit

        return take

    def fields(self) -> tuple[SettingField, ...]:
        """Return what the kit is."""
        found, certificate = self._facts, self.desk.kit_certificate
        fingerprint = sha256(certificate).hexdigest()[:_SHOWN_HEX].upper()
        in_fours = " ".join(fingerprint[at : at + 4] for at in range(0, _SHOWN_HEX, 4))
        days = found.retention_days
        kept = phrase("pengaturan.retention_ever") if days is None else phrase("pengaturan.retention_days", count=days)
        facts: tuple[tuple[Words, Words], ...] = (
            (phrase("pengaturan.kit_id"), found.kit_id),
            (phrase("pengaturan.kit_dinas"), found.dinas),
            (phrase("pengaturan.kit_certificate"), in_fours if certificate else phrase("pengaturan.no_certificate")),
            (phrase("pengaturan.retention"), kept),
            *self._audited(),
        )
        return (SettingField("facts", Kind.FACTS, "", facts=facts, note=phrase("pengaturan.kit_note")),)

    def _audited(self) -> tuple[tuple[Words, Words], ...]:
        if self._audit is None:
            return ()
        rows, faults, proven = self._audit.rows, self._audit.faults, self._audit.proven_to
        said = phrase("audit.ok", rows=rows)
        if faults:
            said = phrase("audit.not_ok", count=len(faults), which=f"{faults[0].kind} {faults[0].thing_id}")
        up_to: Words = phrase("audit.proven_short_nobody")
        if proven is not None:
            at = self.desk.clock.local(proven.at)
            up_to = phrase("audit.proven_short", sequence=proven.sequence, at=moment_text(at))
        return (phrase("audit.checked"), said), (phrase("audit.proven"), up_to)
