"""Pengaturan: what is wrong with this laptop and its remedy, and one file for who helps from afar."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.laptop_check import Finding
from fieldkit.services.context.app_context import AppContext
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.settings.section import Kind, Section, SettingField

_PLACE = "place"


class LaptopSection(Section[Sequence[Finding]]):
    """Faults first; under the cursor what to do. Saving writes the diagnostics file into the folder."""

    name = "periksa"
    permission = Permission.READ_STATUS

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._findings: tuple[Finding, ...] = ()
        self._line = ""

    def read(self) -> Sequence[Finding]:
        """Look at the laptop; this takes some seconds."""
        return self.context.laptop.examine()

    def take(self, kept: Sequence[Finding]) -> None:
        """Show what was found."""
        self._findings = tuple(sorted(kept, key=_urgency))

    def fields(self) -> tuple[SettingField, ...]:
        """Return the checklist, what to do about the line under the cursor, and where the file goes."""
        lines = tuple(_line(str(at), found) for at, found in enumerate(self._findings))
        faults = sum(not found.is_ok for found in self._findings)
        count = message("pengaturan.findings", count=faults) if faults else message("pengaturan.no_findings")
        where = self.text(_PLACE, hint=message("pengaturan.place_hint"))
        return (
            SettingField("findings", Kind.LINES, count, lines=lines),
            self._told(),
            SettingField(_PLACE, Kind.FOLDER, where.label, where.text, where.hint, column=1),
        )

    def point(self, name: str, line: str) -> bool:
        """Tell of another line what to do."""
        if name == "findings" and line != self._line:
            self._line = line
            return True
        return False

    def keep(self) -> Callable[[], Message]:
        """Return what writes the diagnostics file."""
        place = self.typed.get(_PLACE, "")
        return lambda: message("pengaturan.periksa_saved", file=str(self.context.laptop.diagnose(place)))

    def _told(self) -> SettingField:
        """Return what is wrong with the line under the cursor and its remedy; of a good one what was found."""
        at = int(self._line) if self._line.isdigit() else 0
        found = self._findings[at] if at < len(self._findings) else None
        name: Message = message(f"doctor.{found.name}") if found else ""
        fine: Message = (found.detail if found else "") or message("pengaturan.finding_fine")
        problem = found.problem if found else None
        return SettingField("remedy", Kind.TROUBLE, name, note="" if problem else fine, problem=problem, column=1)


def _urgency(found: Finding) -> int:
    return 2 if found.is_ok else 0 if found.is_needed else 1


def _line(name: str, found: Finding) -> Line:
    if found.is_ok:
        tag = Tag(message("pengaturan.finding_good"), Tone.GOOD)
    elif found.is_needed:
        tag = Tag(message("pengaturan.finding_bad"), Tone.BAD)
    else:
        tag = Tag(message("pengaturan.finding_look"), Tone.CAUTION)
    return Line(name, message(f"doctor.{found.name}"), tag=tag)
