"""The OSIA Enrollment interface 1.3.0 (Secure Identity Alliance, `enrollment.yaml`) as the other side.

`POST /v1/enrollments/{enrollmentId}?transactionId=…&finalize=true` creates a finalized enrollment: 204 done, 400 bad
request with an `Error`, 403 not allowed, 409 the id exists. The id of the record is the id of the enrollment, so a
second try after a lost answer meets 409, and `GET` on it tells whether it is the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from fieldkit.domain.errors import KnownError
from fieldkit.ports.onward import Answer, HandOver, OnwardState, Outcome
from sync.gateway.onward.osia_http import OsiaClient

_ENROLLMENTS = ("v1", "enrollments")
_DONE = frozenset({200, 201, 204})
_READ_ONLY = ("enrollmentId", "status")  # given by path and `finalize`


class OsiaEnrollment:
    """Implements the port `Onward`; the answer comes at once."""

    batch_size = 1

    def __init__(self, client: OsiaClient, name: str) -> None:
        self._client = client
        self.name = name or client.host

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        """Create an enrollment for each record. Raise `KnownError` `onward.away`, `onward.refused`."""
        return [self._handed(record) for record in records]

    def collect(self, settle: Callable[[Answer], str]) -> None:
        """Do nothing: this interface has no later answers."""

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _handed(self, record: HandOver) -> Outcome:
        enrollment = json.loads(record.enrollment)
        body = {name: value for name, value in enrollment.items() if name not in _READ_ONLY}
        params = {"transactionId": record.transaction_id, "finalize": "true"}
        said = self._client.ask("POST", *_ENROLLMENTS, record.record_id, params=params, body=body)
        if said.status in _DONE:
            return Outcome(OnwardState.ACKNOWLEDGED)
        if said.status == 409:
            return self._compared(record, enrollment)
        if said.status in (400, 413, 422):
            return Outcome(OnwardState.REJECTED, said.reason)
        if said.status == 403:
            raise KnownError("onward.refused", to=self._client.host)
        return Outcome(OnwardState.WAITING, said.reason)

    def _compared(self, record: HandOver, enrollment: dict[str, Any]) -> Outcome:
        """Tell what stands there under the same id: our record, half of it, or another one."""
        params = {"transactionId": record.transaction_id}
        wanted = {**params, "attributes": ["biographicData", "contextualData"]}
        held = self._client.ask("GET", *_ENROLLMENTS, record.record_id, params=wanted)
        if held.status != 200 or not isinstance(held.content, dict):
            return Outcome(OnwardState.WAITING, held.reason)
        if any(held.content.get(name) != enrollment[name] for name in ("biographicData", "contextualData")):
            return Outcome(OnwardState.FAILED, "onward.other_content")
        if held.content.get("status") == "IN_PROGRESS":
            ended = self._client.ask("PUT", *_ENROLLMENTS, record.record_id, "finalize", params=params)
            if ended.status not in _DONE:
                return Outcome(OnwardState.WAITING, ended.reason)
        return Outcome(OnwardState.ACKNOWLEDGED)
