"""Pengaturan: what is wrong with this laptop and its remedy, and one file for who helps from afar."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.laptop_check import Finding
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.settings.section import Kind, Section, SettingField


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
        count = message("pengaturan.findings", count=faults) if faults else message("pengaturan.no_findings")
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
