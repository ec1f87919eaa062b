"""What the berita acara sarpras says, from the list itself. The paper speaks Indonesian whatever the screen does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people.staff import Staff
from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut, ItemLine, Izin, Unsent
from fieldkit.domain.sarpras.inventory import FUELLED, Condition
from fieldkit.domain.sarpras.rules import consumption, distance_km
from fieldkit.ports.clock import Clock
from fieldkit.ports.store import Unit
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.unit_of_work import UnitsOfWork

_CONDITIONS = {
    Condition.BAIK: "baik",
    Condition.RUSAK_RINGAN: "rusak ringan",
    Condition.RUSAK_BERAT: "rusak berat",
    Condition.HILANG: "hilang",
}
_ANSWERS = {True: "ya", False: "tidak", None: "–"}

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signers:
    """Who stands below the paper, as papers name people."""

    keeper: Mapping[str, str]
    lead: Mapping[str, str]


def fields_out(out: CheckOut, signers: Signers, on: date) -> Fields:
    """Return the fields of `ba_sarpras` for what left."""
    supplies = [{"name": c.name, "count": c.count, "unit": c.unit, "note": ""} for c in out.checklist.counts if c.count]
    items = [_item(line, "") for line in out.checklist.lines]
    notes = (_signed(out.checklist.izin), _without(out.override))
    return _fields("keluar", on, out.kit_names, signers, items, supplies, notes) | _ink(out.checklist.izin)


def fields_in(out: CheckOut, back: CheckIn, signers: Signers, on: date) -> Fields:
    """Return the fields of `ba_sarpras` for what came back."""
    went = {line.item_id: line for line in out.checklist.lines}
    supplies = [
        {"name": u.name, "count": u.back, "unit": u.unit, "note": f"keluar {u.taken}, terpakai {u.used}"}
        for u in consumption(out.checklist, back.checklist)
    ]
    items = [_item(line, _driven(went.get(line.item_id), line)) for line in back.checklist.lines]
    notes = (_signed(back.checklist.izin), _without(back.override), _left_behind(back.unsent))
    return _fields("masuk", on, back.kit_names, signers, items, supplies, notes) | _ink(back.checklist.izin)


def _fields(
    direction: str,
    on: date,
    kits: tuple[str, ...],
    signers: Signers,
    items: list[Fields],
    supplies: list[Fields],
    notes: tuple[str, ...],
) -> Fields:
    return {
        "direction": direction,
        "dated": on.isoformat(),
        "kit": ", ".join(kits),
        "keeper": dict(signers.keeper),
        "lead": dict(signers.lead),
        "items": items,
        "supplies": supplies,
        "note": " ".join(filter(None, notes)),
    }


def _item(line: ItemLine, driven: str) -> Fields:
    notes = (line.spares, line.note, driven, f"BBM {line.fuel}" if line.fuel else "")
    return {
        "name": line.name,
        "serial": line.serial or (line.test.serial if line.test else ""),
        "count": 0 if line.is_lost else 1,
        "condition": _CONDITIONS[line.condition] if line.condition else "–",
        "clean": _ANSWERS[line.is_clean],
        "complete": _ANSWERS[line.is_complete],
        "note": "; ".join(filter(None, notes)),
    }


def _driven(went: ItemLine | None, came: ItemLine) -> str:
    far = distance_km(went, came) if went is not None and came.kind in FUELLED else None
    return f"{far} km" if far is not None else ""


def _ink(izin: Izin | None) -> Fields:
    return {"mark": izin.picture if izin else ""}


def _signed(izin: Izin | None) -> str:
    return f"Izin pengurus barang ditandatangani pada alat oleh {izin.name}." if izin else ""


def _without(override: str) -> str:
    return f"Dengan pengecualian: {override}." if override else ""


def _left_behind(unsent: Unsent) -> str:
    return f"Laptop kembali dengan {unsent.count} rekaman yang belum terkirim." if unsent.count else ""


class SarprasPapers:
    """Files the berita acara of a list that is closed."""

    def __init__(self, units: UnitsOfWork, clock: Clock, letters: WriteLetters) -> None:
        self._units, self._clock, self._letters = units, clock, letters

    def write_out(self, list_id: str) -> Letter:
        """Draft the paper of what left. Raise `RuleError("sarpras.list_open")`."""
        with self._units.read() as unit:
            out = unit.repository(CheckOut).get(list_id)
            if out.out_at is None:
                raise RuleError("sarpras.list_open")
            signers = _signers(unit, out.checklist.izin, out.taken_by)
            fields = fields_out(out, signers, self._clock.local(out.out_at).date())
        return self._letters.draft(LetterKind.BA_SARPRAS, out.activity_id, fields)

    def write_in(self, list_id: str) -> Letter:
        """Draft the paper of what came back. Raise `RuleError("sarpras.list_open")`."""
        with self._units.read() as unit:
            back = unit.repository(CheckIn).get(list_id)
            if back.in_at is None:
                raise RuleError("sarpras.list_open")
            out = unit.repository(CheckOut).get(back.check_out)
            signers = _signers(unit, back.checklist.izin, back.brought_by)
            fields = fields_in(out, back, signers, self._clock.local(back.in_at).date())
        return self._letters.draft(LetterKind.BA_PENGEMBALIAN, back.activity_id, fields)


def _signers(unit: Unit, izin: Izin | None, team: str) -> Signers:
    return Signers(_person(unit, izin.given_by if izin else ""), _person(unit, team))


def _person(unit: Unit, user_id: str) -> dict[str, str]:
    staff = next((found for found in unit.repository(Staff).search() if user_id and found.user_id == user_id), None)
    if staff is not None:
        return {"name": staff.name, "nip": staff.nip, "pangkat": staff.pangkat, "jabatan": staff.jabatan}
    user = next((found for found in unit.users() if found.user_id == user_id), None)
    return {"name": user.name if user else "", "nip": "", "pangkat": "", "jabatan": ""}
