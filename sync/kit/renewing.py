"""Asks for new certificates before the old ones end: what is sealed with a dead certificate nobody may accept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldkit.domain.errors import KnownError, Problem, Recovery
from sync.kit.parts import RunParts
from sync.protocol.messages import RenewalRequest
from sync.protocol.outcomes import NotOfferedError


@dataclass(frozen=True, slots=True)
class Renewable:
    """A certificate of this kit: when it ends, how long before that a new one is asked for, and who keeps it."""

    ends_at: Callable[[], datetime]
    ahead: timedelta
    request: Callable[[datetime], RenewalRequest]
    keep: Callable[[bytes], None]  # takes DER; raises `KnownError` when it is not the one that was asked for
    over: str = ""  # told once it is over, when nobody renews it any more; "" asks all the same


class Renewing:
    """Renews what ends soon by the data center's clock."""

    def __init__(self, certificates: Sequence[Renewable]) -> None:
        self._certificates = certificates

    def renew(self, parts: RunParts, server_time: datetime) -> None:
        """Ask for each that ends soon. What goes wrong is a note: delivery itself is done by now."""
        for certificate in self._certificates:
            left = certificate.ends_at() - server_time
            if left > certificate.ahead:
                continue
            if certificate.over and left <= timedelta():
                parts.tally.note(Problem(certificate.over, recovery=Recovery.ASK_OFFICE))
                continue
            days = max(left.days, 0)
            try:
                renewed = parts.link.renew(certificate.request(server_time))
                certificate.keep(renewed.certificate)
            except NotOfferedError:
                parts.tally.note(Problem("sync.not_renewed", {"days": days}, Recovery.ASK_OFFICE))
            except KnownError as error:
                parts.tally.note(error.problem)
                parts.tally.note(Problem("sync.not_renewed", {"days": days}, Recovery.ASK_OFFICE))
