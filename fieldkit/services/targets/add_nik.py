"""Add the NIK of somebody who was taken in without one: who says so, when, and from which paper."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import Nik
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.targets.identity import NikAdded, NikPaper
from fieldkit.ports.codec import NikKey
from fieldkit.services.unit_of_work import UnitsOfWork


class AddNik:
    """The act of the signed-in user; it is in the log, and the former number stays with what was sent before."""

    def __init__(self, units: UnitsOfWork, nik_key: NikKey) -> None:
        self._units, self._nik_key = units, nik_key

    def found(self, target_id: str) -> NikAdded | None:
        """Return how the NIK of a person came, None of who always had one or has none yet."""
        with self._units.read() as unit:
            return unit.repository(NikAdded).find(target_id)

    def add(self, target_id: str, nik: Nik, paper: NikPaper, number: str) -> NikAdded:
        """Put the NIK in the place of the provisional number.

        Raise `InputError("nik.no_paper")` without the number of the paper, `RuleError("nik.is_known")` where the
        person has a NIK, `RuleError("nik.of_another")` for one that another target or a record of this laptop has.
        """
        if not number.strip():
            raise InputError("nik.no_paper").at("number")
        with self._units.write(Permission.VERIFY_TARGETS) as work:
            target = work.unit.targets.get(target_id)
            before = target.biodata.nik
            if not before.is_provisional:
                raise RuleError("nik.is_known", nik=before.masked).at("nik")
            others = [key for key in work.unit.targets.with_niks([nik.digits]) if key.activity_id == target.activity_id]
            if others or work.unit.records.by_nik(self._nik_key.digest(nik.digits)):
                raise RuleError("nik.of_another", nik=nik.masked).at("nik")
            work.unit.targets.save([replace(target, biodata=replace(target.biodata, nik=nik))])
            added = NikAdded(
                thing_id=target_id,
                activity_id=target.activity_id,
                provisional=before.digits,
                nik=nik,
                paper=paper,
                number=" ".join(number.split()),
                by=work.user.user_id,
                at=work.at,
            )
            work.keep(added, "nik_added", target=target_id, provisional=before.digits, paper=paper.value)
            return added
