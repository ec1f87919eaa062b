"""Settled conflicts in what another laptop tells: each by the key of the person who said what holds."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.events import Event
from fieldkit.domain.people.accounts import Permission, Role, User
from fieldkit.domain.recording.authority import Act
from fieldkit.ports.vault import AuthorityProofs

_ONE_ACT = timedelta(minutes=1)
_ENDED = "vault.cms_revoked"  # it may have counted when it was signed


def unsigned_settlements(events: Iterable[Event], authority: AuthorityProofs) -> int:
    """Return how many settlements nobody's key answers for: those of older programs, and of who was shut out since.

    Raise `InputError("exchange.settlement_unproven")` (who) for a signature that does not hold.
    """
    told = ((event, json.loads(event.payload)) for event in events if event.kind == Act.SETTLED)
    return sum(not _is_signed(event, payload, authority) for event, payload in told)


def _is_signed(event: Event, told: dict[str, object], authority: AuthorityProofs) -> bool:
    if "signature" not in told:
        return False
    try:
        certificate = base64.b64decode(str(told.get("certificate")), validate=True)
        signer, payload = authority.verify(str(told["signature"]), certificate)
    except (ValueError, VaultError) as error:
        if isinstance(error, VaultError) and error.code == _ENDED:
            return False
        raise InputError("exchange.settlement_unproven", who=event.actor) from error
    sides = told.get("sides")
    about = [told.get("digest"), *(sides if isinstance(sides, list) else [])]
    wanted: dict[str, object] = {
        "act": Act.SETTLED.value,
        "by": event.actor,
        "session": event.aggregate,
        "about": about,
    }
    wanted |= {"step": told.get("thing")}
    may = signer.title in tuple(Role) and User(signer.signer_id, "", Role(signer.title)).may(Permission.SEND)
    is_then = abs(datetime.fromisoformat(str(payload["at"])) - event.at) <= _ONE_ACT
    if not (may and is_then and signer.signer_id == event.actor and payload == {**payload, **wanted}):
        raise InputError("exchange.settlement_unproven", who=event.actor)
    return True
