"""What older programs read off words again and again is read off them here, once, and kept as fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fieldkit.domain.events import Thing
from fieldkit.domain.people import Kedudukan, Staff
from fieldkit.domain.sarpras import BLANKS, Consumable, Portion, SarprasKit, is_of_blanks
from fieldkit.domain.sop.profile import ClockStart, PauseReason, Sla
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import SopGlance
from fieldkit.domain.typed import DraftName
from fieldkit.ports.store import Store, Unit
from fieldkit.services.sop.run_sop import read_glance
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

_RUNS_READ = "older.clocks_read"  # nothing is left to read in the runs of this kit
_TIMES_READ = "older.starts_read"  # lists know of each run how its steps ended and when they began
_PAUSE_WORDS = {
    PauseReason.GANGGUAN_TEKNIS: "gangguan teknis",
    PauseReason.DI_LUAR_KEWENANGAN: "luar kewenangan",
}
_SCREENS = {f"blank_{act}": f"blanks.{act}" for act in ("receive", "move", "spoil", "count", "want", "revoke")}


def settle_older_entries(store: Store, units: UnitsOfWork) -> None:
    """Give entries of older programs their fields; where nothing is to be done nothing is written."""
    with store.read() as unit:
        is_read = bool(unit.settings.get(_RUNS_READ))
        runs = [] if is_read else list(unit.repository(SopRun).search())
        changed = [*_staff(unit), *_runs(runs)]
    if changed or runs:
        with store.write() as unit:
            work = UnitOfWork(unit, units.user, units.clock.now(), units.ids)
            for thing in changed:
                work.keep(thing, "older_entry_read")
            if runs:
                unit.settings.put(_RUNS_READ, True)
    _blanks(store, units)
    _glances(store)
    _rename_drafts(store, units.user.user_id)


def _blanks(store: Store, units: UnitsOfWork) -> None:
    """Take the blanks out of the consumables: only their ledger counts them, and kits take them along from there."""
    with store.read() as unit:
        counted_twice = {each.thing_id for each in unit.repository(Consumable).search() if is_of_blanks(each.name)}
    if counted_twice:
        with store.write() as unit:
            work = UnitOfWork(unit, units.user, units.clock.now(), units.ids)
            for kit in unit.repository(SarprasKit).search():
                if counted_twice & {portion.consumable_id for portion in kit.portions}:
                    ids = dict.fromkeys(counted_twice, BLANKS)
                    portions = (Portion(ids.get(p.consumable_id, p.consumable_id), p.quantity) for p in kit.portions)
                    work.keep(replace(kit, portions=tuple(portions)), "older_entry_read")
            for thing_id in sorted(counted_twice):
                stock = unit.repository(Consumable).get(thing_id).stock
                unit.repository(Consumable).remove(thing_id)
                work.note("sarpras_blanks_in_ledger", thing_id, stock=stock)


def _rename_drafts(store: Store, owner: str) -> None:
    """Give drafts of forms that have another name now that name: else no screen would show what was typed."""
    with store.read() as unit:
        older = [draft for draft in unit.drafts.of(owner) if draft.name.screen in _SCREENS]
    if older:
        with store.write() as unit:
            for draft in older:
                unit.drafts.put(replace(draft, name=DraftName(_SCREENS[draft.name.screen], draft.name.about)))
                unit.drafts.erase(draft.name, owner)


def _glances(store: Store) -> None:
    """Write anew what lists show of each run, once: older programs said less of how a step ended."""
    with store.read() as unit:
        runs = [] if unit.settings.get(_TIMES_READ) else list(unit.repository(SopRun).search())
    if runs:
        with store.write() as unit:
            unit.repository(SopGlance).save_all(read_glance(unit, run) for run in runs)
            unit.settings.put(_TIMES_READ, True)


def _staff(unit: Unit) -> Iterator[Thing]:
    staff = unit.repository(Staff).search()
    older = [person for person in staff if person.kedudukan is None]
    has_head = any(person.kedudukan is Kedudukan.KEPALA_DINAS for person in staff)
    heads = [] if has_head else [p.thing_id for p in older if p.jabatan.lower().startswith("kepala dinas")]
    for person in older:
        is_head = person.thing_id in heads[:1]  # the newest entry, which signed until now
        yield replace(person, kedudukan=Kedudukan.KEPALA_DINAS if is_head else Kedudukan.LAIN)


def _runs(runs: list[SopRun]) -> Iterator[Thing]:
    for run in runs:
        if any(sla.counted_from is None for sla in run.profile.sla):
            yield replace(run, profile=replace(run.profile, sla=tuple(map(_clock, run.profile.sla))))


def _clock(sla: Sla) -> Sla:
    if sla.counted_from is not None:
        return sla
    start = ClockStart.PENUNGGALAN if "penunggalan" in sla.starts.lower() else ClockStart.FILE_AND_RECORDING
    reasons = tuple(reason for reason, words in _PAUSE_WORDS.items() if words in sla.pauses.lower())
    return replace(sla, counted_from=start, paused_by=reasons)
