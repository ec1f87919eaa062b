"""Sarpras leaves: from the kit's list to the signature of the pengurus barang."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from fieldkit.domain.cards.blanks import OFFICE, Ledger, read_runs, runs_of, runs_text
from fieldkit.domain.delivery import UNACKNOWLEDGED
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.sarpras import (
    BLANKS,
    BLANKS_NAME,
    BLANKS_UNIT,
    CheckIn,
    Checklist,
    CheckOut,
    Concern,
    Condition,
    Consumable,
    CountLine,
    DamageReport,
    ItemLine,
    SarprasItem,
    SarprasKit,
    Unsent,
    concerns_in,
    concerns_out,
    plain_name,
)
from fieldkit.domain.sop.profile import NO_DOCUMENT, Fulfilment, SopDocument
from fieldkit.ports.delivery import Outbox
from fieldkit.ports.store import Unit
from fieldkit.services.cards.keep_blanks import hand_on, ledger_in
from fieldkit.services.devices import NoteSelfTests, TakePhoto, filled, newest_results
from fieldkit.services.sarpras.keep_inventory import SarprasPapers
from fieldkit.services.sarpras.lists import ListTools, SarprasLists, note_conditions
from fieldkit.services.sop.run_sop import fulfil
from fieldkit.services.sop.view import profile_of
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# Sarpras comes back: baik, lengkap, bersih; what was used up, what was damaged, what the laptop still holds.


class CheckInKit(SarprasLists[CheckIn]):
    """The list with which a team comes back."""

    way = "sarpras_in"
    _too_many = "sarpras.more_back_than_out"

    def __init__(self, units: UnitsOfWork, tools: ListTools, outbox: Outbox, kit_id: str) -> None:
        super().__init__(units, CheckIn, tools)
        self._outbox, self._kit_id = outbox, kit_id

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
                    self._told(work.unit, Checklist(_returning(out.checklist.lines), _returned(out.checklist.counts))),
                    self._units.user.user_id,
                    work.at,
                    unsent,
                )
                work.keep(found, "sarpras_in_begun", unsent=unsent.count)
            elif (now := replace(found, unsent=unsent, checklist=self._told(work.unit, found.checklist))) != found:
                found = now
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
            found = replace(found, checklist=self._told(work.unit, found.checklist))
            self._demand_ready(concerns_in(found.checklist, unsent), reason)
            out = work.unit.repository(CheckOut).get(found.check_out)
            self._return_to_stock(work, found)
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

    def _told(self, unit: Unit, checklist: Checklist) -> Checklist:
        """Return a list with what the ledger says now of the blanks that went out; a signature is for what it said."""
        for line in checklist.counts:
            if line.consumable_id == BLANKS:
                left, used = ledger_in(unit).became(read_runs(line.numbers), self._kit_id)
                if (line.most, line.used) != (len(left), used):
                    checklist = checklist.with_count(replace(line, most=len(left), used=used))
        return checklist

    def _return_to_stock(self, work: UnitOfWork, found: CheckIn) -> None:
        repository = work.unit.repository(Consumable)
        for line in found.checklist.counts:
            if line.consumable_id == BLANKS:
                left, _ = ledger_in(work.unit).became(read_runs(line.numbers), self._kit_id)
                hand_on(work, left, self._kit_id, OFFICE)
                continue
            consumable = repository.find(line.consumable_id)
            if consumable is not None and line.count:
                back = replace(consumable, stock=consumable.stock + line.count)
                work.keep(back, "sarpras_stock", by=line.count, stock=back.stock)

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


ASKED = "sop:"  # begins the id of a line that stands for no item but for what the SOP asks


class CheckOutKit(SarprasLists[CheckOut]):
    """The list with which a team leaves."""

    way = "sarpras_out"

    def __init__(self, units: UnitsOfWork, tools: ListTools, kit_id: str) -> None:
        super().__init__(units, CheckOut, tools)
        self._kit_id = kit_id

    def current(self, activity_id: str) -> CheckOut | None:
        """Return the newest list of an activity, open or not."""
        with self._units.read() as unit:
            return _newest(unit, activity_id)

    def open(self, activity_id: str) -> CheckOut:
        """Return the open list, or what is out already to look at. Raise `RuleError("role.not_yours")`."""
        found = self.current(activity_id)
        if found is not None and (found.is_out or not self._may_fill):
            return found
        return self.begin(activity_id)

    def begin(self, activity_id: str, kits: tuple[str, ...] = ()) -> CheckOut:
        """Return the open list of an activity, or open one for its kits: those given, else those of the plan.

        An open list follows what the inventory learned meanwhile. Raise `RuleError("sarpras.already_out")`.
        """
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            found = _newest(work.unit, activity_id)
            if found is not None and found.is_out:
                raise RuleError("sarpras.already_out")
            if found is None or found.is_closed:
                chosen = kits or _planned(work.unit, activity_id)
                found = CheckOut(
                    self._units.ids.new(), activity_id, (), (), Checklist(()), self._units.user.user_id, work.at
                )
                return self._fill(work, found, chosen, "sarpras_out_begun")
            return self._fill(work, found, found.kits, "sarpras_out_filled")

    def choose_kits(self, list_id: str, kits: tuple[str, ...]) -> CheckOut:
        """Let other kits go along; what was answered of items that stay is kept."""
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            return self._fill(work, self._opened(work, list_id), kits, "sarpras_out_filled")

    def kits(self) -> tuple[SarprasKit, ...]:
        """Return every kit by name."""
        with self._units.read() as unit:
            return tuple(sorted(unit.repository(SarprasKit).search(), key=lambda kit: kit.name.casefold()))

    def concerns(self, found: CheckOut) -> tuple[Concern, ...]:
        """Return what stands against leaving, the gravest first."""
        return concerns_out(found.checklist)

    def close(self, list_id: str, reason: str = "") -> CheckOut:
        """Take it out. A reason lets a team lead go although something blocks. Raise `RuleError`."""
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            found = self._opened(work, list_id)
            self._demand_ready(concerns_out(found.checklist), reason)
            _demand_here(work.unit, found)
            self._take_from_stock(work, found)
            note_conditions(work, found.checklist)
            left = replace(found, out_at=work.at, taken_by=self._units.user.user_id, override=" ".join(reason.split()))
            work.keep(left, "sarpras_out", items=len(left.checklist.lines), is_overridden=bool(left.override))
            fulfil(work, left.activity_id, Fulfilment.SARPRAS_OUT, left.thing_id)
        return left

    def _fill(self, work: UnitOfWork, found: CheckOut, kits: Iterable[str], act: str) -> CheckOut:
        unit = work.unit
        known = [kit for kit_id in dict.fromkeys(kits) if (kit := unit.repository(SarprasKit).find(kit_id)) is not None]
        profile = profile_of(unit, found.activity_id)
        asked = profile.document if profile else NO_DOCUMENT
        lines = filled_lines(unit, known, found.checklist)
        lines = (*lines, *asked_lines(asked, lines, found.checklist))
        lines = filled(lines, newest_results(unit, work.at))
        checklist = replace(found.checklist, lines=lines, counts=_counts(unit, known, found.checklist, asked.supplies))
        if _statement(checklist) != _statement(found.checklist):
            checklist = replace(checklist, izin=None)
        changed = replace(
            found,
            kits=tuple(kit.thing_id for kit in known),
            kit_names=tuple(kit.name for kit in known),
            checklist=checklist,
        )
        if changed != found or act.endswith("begun"):
            work.keep(changed, act, kits=list(changed.kits))
        return changed

    def _take_from_stock(self, work: UnitOfWork, found: CheckOut) -> None:
        repository = work.unit.repository(Consumable)
        for line in found.checklist.counts:
            if line.consumable_id == BLANKS:
                numbers = tuple(number for run in read_runs(line.numbers) for number in run)
                hand_on(work, numbers, OFFICE, self._kit_id)
                continue
            consumable = repository.get(line.consumable_id)
            if line.count > consumable.stock:
                raise RuleError(
                    "sarpras.beyond_stock", name=consumable.name, most=consumable.stock, unit=consumable.unit
                )
            if line.count:
                left = replace(consumable, stock=consumable.stock - line.count)
                work.keep(left, "sarpras_stock", by=-line.count, stock=left.stock)

    def _counted(self, unit: Unit, line: CountLine) -> CountLine:
        return _with_numbers(ledger_in(unit), line) if line.consumable_id == BLANKS else line

    def _demand_repaired(self, found: CheckOut, item_id: str, condition: Condition) -> None:
        line = found.checklist.line(item_id)
        is_repair = condition.may_go and not line.before.may_go
        if is_repair and not self._units.user.may(Permission.KEEP_INVENTORY):
            raise RuleError("sarpras.repair_first", item=line.name)


def _statement(checklist: Checklist) -> object:
    """What the pengurus barang signs: the items, their answers, the counts; not what is measured."""
    lines = tuple(replace(line, test=None, before=Condition.BAIK) for line in checklist.lines)
    return lines, tuple((line.consumable_id, line.count, line.numbers) for line in checklist.counts)


def filled_lines(unit: Unit, kits: Iterable[SarprasKit], had: Checklist) -> tuple[ItemLine, ...]:
    """Return a line for each item of the kits, each once, with what was answered of it before."""
    answered = {line.item_id: line for line in had.lines}
    lines = []
    for item_id in dict.fromkeys(item_id for kit in kits for item_id in kit.items):
        item = unit.repository(SarprasItem).find(item_id)
        if item is None or item.is_retired:
            continue
        stuck = None if item.condition.may_go else item.condition
        line = answered.get(item_id) or ItemLine(item_id, item.kind, item.name, item.serial, item.is_critical)
        is_repaired = not line.before.may_go and item.condition.may_go and line.condition is line.before
        lines.append(
            replace(
                line,
                kind=item.kind,
                name=item.name,
                serial=item.serial,
                is_critical=item.is_critical,
                spares=item.spares,
                before=item.condition,
                condition=stuck if line.condition is None else None if is_repaired else line.condition,
            )
        )
    return tuple(lines)


def asked_lines(asked: SopDocument, lines: Sequence[ItemLine], had: Checklist) -> tuple[ItemLine, ...]:
    """Return a line for each thing that the SOP takes along and that the kits do not hold, as answered before.

    It is no item of the inventory: whoever takes it along from elsewhere says how it is, or that it is not there.
    """
    if not lines:  # no kit yet
        return ()
    kinds = {line.kind for line in lines}
    answered = {line.item_id: line for line in had.lines}
    return tuple(
        answered.get(item_id) or ItemLine(item_id, thing.kind, thing.name, "", is_critical=False)
        for thing in asked.taken_along
        if thing.kind is not None and thing.kind not in kinds
        for item_id in (f"{ASKED}{thing.name}",)
    )


def _counts(unit: Unit, kits: list[SarprasKit], had: Checklist, asked: Sequence[str] = ()) -> tuple[CountLine, ...]:
    """Return a line for each consumable of the kits, and of the stock where the SOP names it; blanks by their ledger.

    A new one proposes the kit's portion, as far as the stock goes; nothing is proposed of what no kit has.
    """
    counted = {line.consumable_id: line.count for line in had.counts}
    lines = []
    portions = [portion.consumable_id for kit in kits for portion in kit.portions]
    wanted_names = set(map(plain_name, asked)) if kits else set()
    named = [each.thing_id for each in unit.repository(Consumable).search() if plain_name(each.name) in wanted_names]
    named += [BLANKS] if plain_name(BLANKS_NAME) in wanted_names else []
    for consumable_id in dict.fromkeys((*portions, *named)):
        if consumable_id == BLANKS:
            lines += _blanks(ledger_in(unit), sum(kit.quantity_of(BLANKS) for kit in kits), counted.get(BLANKS))
            continue
        consumable = unit.repository(Consumable).find(consumable_id)
        if consumable is not None:
            wanted = min(sum(kit.quantity_of(consumable_id) for kit in kits), consumable.stock)
            count = counted.get(consumable_id, wanted)
            lines.append(CountLine(consumable_id, consumable.name, consumable.unit, consumable.stock, count))
    return tuple(lines)


def _blanks(ledger: Ledger, wanted: int, counted: int | None) -> list[CountLine]:
    """Return the line of the blanks, none before the first ones were received."""
    if ledger.begun_at(Document.KTP_EL) is None:
        return []
    stock = max(0, ledger.stock.get((Document.KTP_EL, OFFICE), 0))
    count = min(wanted if counted is None else counted, stock)
    return [_with_numbers(ledger, CountLine(BLANKS, BLANKS_NAME, BLANKS_UNIT, stock, count))]


def _with_numbers(ledger: Ledger, line: CountLine) -> CountLine:
    """Return a line of blanks with the numbers that go out: the first of the store of the dinas."""
    numbers = tuple(islice(ledger.there(OFFICE), line.count))
    return replace(line, count=len(numbers), numbers=runs_text(runs_of(numbers)))


def _newest(unit: Unit, activity_id: str) -> CheckOut | None:
    found = unit.repository(CheckOut).of(activity_id)
    return found[-1] if found else None


def _planned(unit: Unit, activity_id: str) -> tuple[str, ...]:
    """Return the kits of the plan; without a plan the only kit that there is."""
    plan = unit.repository(Plan).find(activity_id)
    if plan is not None and plan.kits:
        return plan.kits
    kits = unit.repository(SarprasKit).search()
    return (kits[0].thing_id,) if len(kits) == 1 else ()


def _demand_here(unit: Unit, found: CheckOut) -> None:
    mine = {line.item_id for line in found.checklist.lines if not line.is_lost}
    for other in unit.repository(CheckOut).search():
        if other.is_out:
            for line in other.checklist.lines:
                if line.item_id in mine and not line.is_lost:
                    raise RuleError("sarpras.still_out", item=line.name)


# Everything around taking sarpras out and bringing it back.


@dataclass(frozen=True, slots=True)
class Sarpras:
    """The two lists, the self-test that fills their lines, photos for both and their papers."""

    out: CheckOutKit
    back: CheckInKit
    tests: NoteSelfTests
    photos: TakePhoto
    papers: SarprasPapers

    def lists(self, way: str) -> SarprasLists[Any]:
        """Return the lists of a way, "out" or "in"."""
        return self.out if way == "out" else self.back
