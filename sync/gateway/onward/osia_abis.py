"""The OSIA ABIS interface (Secure Identity Alliance, `abis.yaml` 1.3.0 and 1.4.0) as the other side: penunggalan.

`POST /v1/persons/{personId}/encounters/{encounterId}` stores the samples (201; 202 later; 403 when it exists), then
`POST /v1/identify/{galleryId}/{personId}` searches for others (200 with candidates; 202, and the candidates come to
`callback` with the transaction id). The person's id is the keyed hash of the NIK: who comes twice is one person there.
The ABIS gets no name and no NIK.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fieldkit.domain.delivery.central_status import CentralCode
from fieldkit.domain.errors import KnownError
from fieldkit.ports.onward import Answer, HandOver, OnwardState, Outcome
from sync.gateway.onward.osia_http import Answered, OsiaClient

# What both versions allow of an item; the rest is told by the enrollment.
_OF_AN_ITEM = (
    "biometricType", "biometricSubType", "instance", "image", "captureDevice", "impressionType", "width", "height",
    "bitdepth", "resolution", "compression", "missing", "comment",
)  # fmt: skip
_NO_FILTER: Mapping[str, object] = {}
_TYPES = frozenset({"FINGER", "FACE", "IRIS"})


class OsiaAbis:
    """Implements the port `Onward`. `callback` is where a slow ABIS sends candidates, "" asks for them at once."""

    batch_size = 1

    def __init__(self, client: OsiaClient, name: str, gallery: str = "ALL", callback: str = "") -> None:
        self._client = client
        self.name = name or client.host
        self._gallery = gallery
        self._callback = {"callback": callback} if callback else {}

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        """Store and search each record. Raise `KnownError` `onward.away`, `onward.refused`."""
        return [self._handed(record) for record in records]

    def collect(self, settle: Callable[[Answer], str]) -> None:
        """Do nothing: later answers come to the callback."""

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _handed(self, record: HandOver) -> Outcome:
        person = record.person or record.record_id
        place = ("v1", "persons", person, "encounters", record.record_id)
        # Another transaction than the search, whose answer may come later.
        params = {"transactionId": f"{record.transaction_id}-store"}
        stored = self._client.ask("POST", *place, params=params, body=encounter(json.loads(record.enrollment)))
        if stored.status == 403:  # it exists, or we may not
            held = self._client.ask("GET", *place, params=params)
            if held.status == 403:
                raise KnownError("onward.refused", to=self._client.host)
            if held.status != 200:
                return Outcome(OnwardState.WAITING, held.reason)
        elif stored.status == 202:
            return Outcome(OnwardState.WAITING, "onward.being_stored")
        elif stored.status != 201:
            return _refused(stored)
        return self._searched(record, person)

    def _searched(self, record: HandOver, person: str) -> Outcome:
        params = {"transactionId": record.transaction_id, **self._callback}
        found = self._client.ask("POST", "v1", "identify", self._gallery, person, params=params, body=_NO_FILTER)
        if found.status == 202:
            is_heard = bool(self._callback)
            return Outcome(
                OnwardState.HANDED_OVER if is_heard else OnwardState.WAITING, "" if is_heard else found.reason
            )
        if found.status == 200:
            return decided(found.content, person)
        if found.status == 403:
            raise KnownError("onward.refused", to=self._client.host)
        return _refused(found)


def encounter(enrollment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `Encounter` of an enrollment: samples, sex, date of birth and day, nothing that names a person."""
    who = enrollment.get("biographicData", {})
    context = enrollment.get("contextualData", {})
    return {
        "status": "ACTIVE",
        "encounterType": enrollment.get("enrollmentType") or "enrollment",
        "contextualData": {name: context[name] for name in ("enrollmentDate",) if name in context},
        "biographicData": {name: who[name] for name in ("dateOfBirth", "gender") if name in who},
        "biometricData": [
            {**{name: item[name] for name in _OF_AN_ITEM if name in item}, **_day(item)}
            for item in enrollment.get("biometricData", [])
            if item.get("biometricType") in _TYPES
        ],
    }


def decided(candidates: object, person: str) -> Outcome:
    """Return what follows from candidates: nobody else is unique, anybody else needs an expert."""
    if not isinstance(candidates, list) or not all(isinstance(each, dict) for each in candidates):
        return Outcome(OnwardState.WAITING, "onward.no_candidates")
    others = [each for each in candidates if each.get("personId") != person]
    if others:
        return Outcome(OnwardState.ACKNOWLEDGED, f"{len(others)} candidates", code=CentralCode.ADJUDICATE_RECORD.value)
    return Outcome(OnwardState.ACKNOWLEDGED, code=CentralCode.PRINT_READY_RECORD.value)


def _day(item: Mapping[str, Any]) -> Mapping[str, str]:
    return {"captureDate": str(item["captureDate"])[:10]} if "captureDate" in item else {}


def _refused(said: Answered) -> Outcome:
    """A request that is wrong is rejected; what the other side failed at is tried again."""
    return Outcome(OnwardState.REJECTED if said.status in (400, 413, 422) else OnwardState.WAITING, said.reason)
