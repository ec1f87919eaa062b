"""Pengaturan: who has an account, and what this kit is. Both are only shown: they change at the gateway."""

from __future__ import annotations

from hashlib import sha256

from fieldkit.domain.audit import AuditReport
from fieldkit.domain.people import User
from fieldkit.services.desk import Desk
from fieldkit.services.read_kit import KitFacts
from ui.presenters.acts import Act
from ui.presenters.amounts import moment_text
from ui.presenters.lines import Line
from ui.presenters.parts import Action
from ui.presenters.settings_section import Kind, Section, SettingField, Take
from ui.presenters.words import Words, phrase

_ADD_USER = "fieldkit user add"
_SHOWN_HEX = 32


class UsersSection(Section):
    """The accounts of this kit with their roles."""

    name = "pengguna"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._users: tuple[User, ...] = ()

    def load(self) -> Take:
        """Read the accounts."""
        users = tuple(sorted(self.desk.office.staff.accounts(), key=lambda user: user.name.casefold()))

        def take() -> None:
            self._users = users

        return take

    def fields(self) -> tuple[SettingField, ...]:
        """Return the accounts, and how another one is added."""
        lines = tuple(Line(user.user_id, user.name, phrase(f"role.{user.role.value}")) for user in self._users)
        count: Words = phrase("pengaturan.users_count", count=len(lines))
        facts: tuple[tuple[Words, Words], ...] = (
            (phrase("pengaturan.how_to_add"), _ADD_USER),
            (phrase("pengaturan.who_adds"), phrase("role.admin_dinas")),
            (phrase("pengaturan.more_help"), f"{_ADD_USER} --help"),
        )
        return (
            SettingField("users", Kind.LINES, count, lines=lines),
            SettingField(
                "add",
                Kind.FACTS,
                phrase("pengaturan.add_user"),
                facts=facts,
                note=phrase("pengaturan.add_note"),
                column=1,
            ),
        )


class KitSection(Section):
    """Kit, certificate and retention; language and theme have their keys here as everywhere."""

    name = "kit"
    actions = (
        Action("language", phrase("act.language"), Act.LANGUAGE),
        Action("theme", phrase("act.theme"), Act.THEME),
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
