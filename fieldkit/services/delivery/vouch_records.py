"""A team lead answers for a record that lacks a signature which the data center wants."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.recording.authority import LEAD_WANTED, Act, SignedAct
from fieldkit.ports.authority import Credential, answered
from fieldkit.ports.store import Store, Unit
from fieldkit.services.unit_of_work import UnitsOfWork

_PENDING = "vouches"


class VouchRecords:
    """Signs for records with the key of who is signed in; the next run of delivery takes it along."""

    def __init__(self, units: UnitsOfWork, me: Credential) -> None:
        self._units, self._me = units, me

    def vouch(self, record_id: str) -> None:
        """Sign for a record that the data center holds back.

        Raise `RuleError`: `role.not_yours`, `delivery.not_waiting`; `StoreError("store.not_found")`.
        """
        with self._units.write(Permission.ALLOW_FAILURE) as work:
            entry = work.unit.records.get(record_id)
            if entry.central is None or entry.central.reason != LEAD_WANTED:
                raise RuleError("delivery.not_waiting")
            about = (record_id, entry.record.sha256)
            act = answered(self._me, Act.VOUCHED, entry.record.session_id, "", LEAD_WANTED, work.at, about)
            work.note(Act.VOUCHED, record_id, **act.payload)
            work.unit.settings.put(_PENDING, {**_pending(work.unit), record_id: dict(act.payload)})


class StoredVouches:
    """Implements `VouchBook` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pending(self) -> Mapping[str, SignedAct]:
        """Return what is still to be handed in."""
        with self._store.read() as unit:
            return pending_vouches(unit)

    def settle(self, record_id: str) -> None:
        """Forget one."""
        with self._store.write() as unit:
            left = {record: of for record, of in _pending(unit).items() if record != record_id}
            unit.settings.put(_PENDING, left or None)


def pending_vouches(unit: Unit) -> Mapping[str, SignedAct]:
    """Return what team leads signed and the data center does not have yet, by record id."""
    kept = _pending(unit)
    return {record: SignedAct(of["by"], of["signature"], of["certificate"]) for record, of in kept.items()}


def _pending(unit: Unit) -> dict[str, dict[str, str]]:
    return dict(unit.settings.get(_PENDING) or {})
