"""Sarpras comes back: baik, lengkap, bersih; what was used up, what was damaged, what the laptop still holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from fieldkit.domain.delivery.way import UNACKNOWLEDGED
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sarpras.checklist import CheckIn, Checklist, CheckOut, CountLine, DamageReport, ItemLine, Unsent
from fieldkit.domain.sarpras.inventory import Consumable
from fieldkit.domain.sarpras.rules import Concern, concerns_in
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.ports.outbox import Outbox
from fieldkit.services.sarpras.lists import ListTools, SarprasLists, note_conditions
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork


class CheckInKit(SarprasLists[CheckIn]):
    """The list with which a team comes back."""

    way = "sarpras_in"
    _too_many = "sarpras.more_back_than_out"

    def __init__(self, units: UnitsOfWork, tools: ListTools, outbox: Outbox) -> None:
        super().__init__(units, CheckIn, tools)
        self._outbox = outbox

    def current(self, activity_id: str) -> CheckIn | None:
        """Return the newest list of an activity, open or not."""
        with self._units.read() as unit:
            found = unit.repository(CheckIn).of(activity_id)
            return found[-1] if found else None

    def open(self, activity_id: str) -> CheckIn:
        """Return the open list, or the last closed one to look at.

        Raise `RuleError("sarpras.not_out")`, `RuleError("role.not_yours")`.
        """
        with self._units.read() as unit:
            is_out = any(out.is_out for out in unit.repository(CheckOut).of(activity_id)[-1:])
        found = self.current(activity_id)
        if found is not None and ((found.is_closed and not is_out) or not self._may_fill):
            return found
        return self.begin(activity_id)

    def begin(self, activity_id: str) -> CheckIn:
        """Return the open list of an activity, or open one for what is out. Raise `RuleError("sarpras.not_out")`."""
        unsent = self._unsent()
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            out = next((o for o in reversed(work.unit.repository(CheckOut).of(activity_id)) if o.is_out), None)
            if out is None:
                raise RuleError("sarpras.not_out")
            found = next(
                (i for i in work.unit.repository(CheckIn).of(activity_id) if i.check_out == out.thing_id), None
            )
            if found is None:
                found = CheckIn(
                    self._units.ids.new(),
                    activity_id,
                    out.thing_id,
                    out.kit_names,
                    Checklist(_returning(out.checklist.lines), _returned(out.checklist.counts)),
                    self._units.user.user_id,
                    work.at,
                    unsent,
                )
                work.keep(found, "sarpras_in_begun", unsent=unsent.count)
            elif found.unsent != unsent:
                found = replace(found, unsent=unsent)
                work.keep(found, "sarpras_in_filled", unsent=unsent.count)
        return found

    def concerns(self, found: CheckIn) -> tuple[Concern, ...]:
        """Return what is to be done or seen before the list is closed, the gravest first."""
        return concerns_in(found.checklist, found.unsent)

    def close(self, list_id: str, reason: str = "") -> CheckIn:
        """Take everything back into the inventory. Raise `RuleError`."""
        unsent = self._unsent()
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            found = self._opened(work, list_id)
            self._demand_ready(concerns_in(found.checklist, unsent), reason)
            out = work.unit.repository(CheckOut).get(found.check_out)
            _return_to_stock(work, found)
            note_conditions(work, found.checklist)
            self._report_damage(work, found)
            back = replace(
                found,
                in_at=work.at,
                brought_by=self._units.user.user_id,
                override=" ".join(reason.split()),
                unsent=unsent,
            )
            work.keep(back, "sarpras_in", unsent=unsent.count, is_overridden=bool(back.override))
            work.keep(replace(out, check_in=back.thing_id), "sarpras_returned", list=back.thing_id)
            fulfil(work, back.activity_id, Fulfilment.SARPRAS_IN, back.thing_id)
        return back

    def _report_damage(self, work: UnitOfWork, found: CheckIn) -> None:
        for line in found.checklist.lines:
            if line.is_worse:
                assert line.condition is not None
                report = DamageReport(
                    self._units.ids.new(),
                    found.activity_id,
                    line.item_id,
                    line.name,
                    line.serial,
                    line.before,
                    line.condition,
                    line.note,
                    line.photos,
                    found.thing_id,
                    self._units.user.user_id,
                    work.at,
                )
                work.keep(report, "sarpras_damaged", item=line.item_id, after=line.condition.value)

    def _unsent(self) -> Unsent:
        count = sum(self._outbox.counts().get(state, 0) for state in UNACKNOWLEDGED)
        return Unsent(count, self._oldest_at())

    def _oldest_at(self) -> datetime | None:
        with self._units.read() as unit:
            oldest = next((entry for entry in unit.records.search(limit=1) if entry.state in UNACKNOWLEDGED), None)
        return oldest.record.sealed_at if oldest else None


def _returning(lines: tuple[ItemLine, ...]) -> tuple[ItemLine, ...]:
    """Return what went out as it is asked coming back: nothing answered, compared with how it went."""
    return tuple(
        ItemLine(
            line.item_id,
            line.kind,
            line.name,
            line.serial,
            line.is_critical,
            line.spares,
            before=line.condition or line.before,
        )
        for line in lines
        if not line.is_lost
    )


def _returned(counts: tuple[CountLine, ...]) -> tuple[CountLine, ...]:
    """Return what may come back; nobody counted it yet, so nothing is proposed."""
    return tuple(replace(line, most=line.count, count=0) for line in counts if line.count)


def _return_to_stock(work: UnitOfWork, found: CheckIn) -> None:
    repository = work.unit.repository(Consumable)
    for line in found.checklist.counts:
        consumable = repository.find(line.consumable_id)
        if consumable is not None and line.count:
            back = replace(consumable, stock=consumable.stock + line.count)
            work.keep(back, "sarpras_stock", by=line.count, stock=back.stock)
