"""The self-test of the devices fills its own lines: in every list that is open, and in those that open the same day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut, ItemLine, SelfTestNote, TestResult
from fieldkit.domain.sarpras.inventory import SarprasKind
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from fieldkit.ports.store import Unit
from fieldkit.services.devices.self_test import DeviceVerdict
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

DEVICE_OF: dict[SarprasKind, DeviceKind] = {
    SarprasKind.FINGERPRINT_SCANNER: DeviceKind.FINGERPRINT,
    SarprasKind.IRIS_CAMERA: DeviceKind.IRIS,
    SarprasKind.PHOTO_CAMERA: DeviceKind.CAMERA,
    SarprasKind.SIGNATURE_PAD: DeviceKind.SIGNATURE_PAD,
    SarprasKind.CARD_READER: DeviceKind.CARD_READER,
}
"""Which device stands behind a line; everything else is looked at by people."""

FRESH = timedelta(hours=12)  # a test of this morning need not be run again
_USABLE = (DeviceState.READY, DeviceState.BUSY)

L = TypeVar("L", CheckOut, CheckIn)
Results = Sequence[tuple[str, TestResult]]


def to_test(statuses: Iterable[DeviceStatus]) -> tuple[DeviceStatus, ...]:
    """Return what is worth a test: what can be used and, of a kind without that, one that says why not."""
    found = tuple(statuses)
    usable = tuple(status for status in found if status.state in _USABLE)
    served = {status.kind for status in usable}
    lacking: dict[DeviceKind, DeviceStatus] = {}
    for status in found:
        if status.kind not in served:
            lacking.setdefault(status.kind, status)
    return (*usable, *lacking.values())


def filled(lines: Sequence[ItemLine], results: Results) -> tuple[ItemLine, ...]:
    """Return the lines with the results of their own devices: the same serial first, then whichever answers."""
    if not results:
        return tuple(lines)
    left = {kind: [result for of, result in results if of == kind] for kind in {kind for kind, _ in results}}
    at = max(result.at for _, result in results)
    matched: dict[str, TestResult] = {}
    for line in lines:
        mine = left.get(_device_of(line), [])
        same = next((r for r in mine if line.serial and r.serial.casefold() == line.serial.casefold()), None)
        if same is not None:
            mine.remove(same)
            matched[line.item_id] = same
    for line in lines:
        kind = _device_of(line)
        if kind not in left or line.item_id in matched:
            continue
        mine = sorted(left[kind], key=lambda result: not result.is_ok)
        matched[line.item_id] = mine[0] if mine else _absent(at)
        if mine:
            left[kind].remove(mine[0])
    return tuple(replace(line, test=matched[line.item_id]) if line.item_id in matched else line for line in lines)


def _device_of(line: ItemLine) -> str:
    kind = DEVICE_OF.get(line.kind)
    return kind.value if kind is not None else ""


def _absent(at: datetime) -> TestResult:
    return TestResult(False, 0, at, "", "", "sarpras.no_device")


def newest_results(unit: Unit, now: datetime) -> Results:
    """Return what the last run said, nothing when that was too long ago."""
    notes = unit.repository(SelfTestNote).search(limit=1)
    return notes[0].results if notes and now - notes[0].at <= FRESH else ()


class NoteSelfTests:
    """Keeps runs of the self-test."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def keep(self, verdicts: Iterable[DeviceVerdict]) -> SelfTestNote:
        """Keep a run and fill the lines of every open list. Raise `RuleError("role.not_yours")`."""
        with self._units.write(Permission.CHECK_SARPRAS) as work:
            results = [(verdict.status.kind.value, _result(verdict, work.at)) for verdict in verdicts]
            tested = {kind for kind, _ in results}
            results += [(k.value, _absent(work.at)) for k in DEVICE_OF.values() if k.value not in tested]
            note = SelfTestNote(self._units.ids.new(), work.at, tuple(results), self._units.user.user_id)
            failed = sum(not result.is_ok for _, result in results)
            work.keep(note, "devices_tested", tested=len(results), failed=failed)
            _feed(work, CheckOut, note)
            _feed(work, CheckIn, note)
        return note


def _feed(work: UnitOfWork, kind: type[L], note: SelfTestNote) -> None:
    """Fill the open lists of one direction."""
    lists: Sequence[L] = work.unit.repository(kind).search()
    for found in lists:
        lines = filled(found.checklist.lines, note.results)
        if not found.is_closed and lines != found.checklist.lines:
            fed = replace(found, checklist=found.checklist.with_tests(lines))
            work.keep(fed, "sarpras_tested", note=note.thing_id)


def _result(verdict: DeviceVerdict, at: datetime) -> TestResult:
    status, who = verdict.status, verdict.status.identity
    device = f"{who.vendor} {who.model}" if who else f"{status.driver} {status.address}".strip()
    detail = verdict.detail
    return TestResult(
        is_ok=verdict.is_ok,
        ms=verdict.ms,
        at=at,
        device=device,
        # Devices without a number of their own are known by where they are plugged in, which is no serial.
        serial=who.serial if who and who.serial not in status.address else "",
        code=detail.code if detail else "",
        params=dict(detail.params) if detail else {},
    )
