"""Days and times as people type them, in the time of the dinas."""

from __future__ import annotations

from datetime import date, datetime

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.cells import read_date
from fieldkit.domain.targets.sheets import CellError
from fieldkit.ports.clock import Clock

_MOMENT = "%d-%m-%Y %H.%M"


def read_moment(text: str, clock: Clock) -> datetime | None:
    """Return a moment like 25-11-2026 08.30, None for an empty field. Raise `InputError("typed.moment")`."""
    if not text.strip():
        return None
    try:
        at = datetime.strptime(text.strip().replace(":", "."), _MOMENT)  # noqa: DTZ007 – local, as people write it
    except ValueError:
        raise InputError("typed.moment", text=text.strip()) from None
    return at.replace(tzinfo=clock.local(clock.now()).tzinfo)


def read_day(text: str) -> date | None:
    """Return a day like 25-11-2026, None for an empty field. Raise `InputError("typed.day")`."""
    if not text.strip():
        return None
    try:
        return read_date(text)
    except CellError:
        raise InputError("typed.day", text=text.strip()) from None
