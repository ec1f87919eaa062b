"""What the review says of a person whose fingers seem to be in another record of this kit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import User
from fieldkit.services.recording.find_again import Found, OperatorsFinger
from ui.presenters.amounts import day_text
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.wording import position_words


def others_who_may_allow(leads: Sequence[User], user: User) -> tuple[User, ...]:
    """Return the team leads of this kit besides the one who records: two persons decide."""
    return tuple(lead for lead in leads if lead.user_id != user.user_id)


def found_problem(before: Found, local: Callable[[datetime], datetime], has_second: bool) -> Problem:
    """Return the banner: when, which record, whose NIK, or which operator, and what to do."""
    if isinstance(before, OperatorsFinger):
        alone = "" if has_second else "_alone"
        return Problem(f"recording.operators_finger{alone}", {"name": before.name})
    kind = "same_nik" if before.is_same_nik else "other_nik"
    return Problem(
        f"recording.found_again_{kind}" if has_second else "recording.found_again_alone",
        {
            "day": day_text(local(before.sealed_at).date()),
            "record": before.record_id,
            "name": before.masked_name,
            "nik": before.masked_nik,
            "fingers": before.fingers,
        },
    )


def found_row(before: Sequence[Found] | None, is_allowed: bool) -> tuple[Message, Tag]:
    """Return the line of the completeness; None while fingers are still being compared."""
    if before is None:
        tag = Tag(message("tinjau.comparing"), Tone.NEUTRAL)
    elif not before:
        tag = Tag(message("tinjau.no_twin"), Tone.GOOD)
    elif is_allowed:
        tag = Tag(message("tinjau.found_allowed"), Tone.CAUTION)
    elif isinstance(before[0], OperatorsFinger):
        tag = Tag(position_words(before[0].position), Tone.BAD)
    else:
        tag = Tag(message("tinjau.found_again"), Tone.BAD)
    return message("tinjau.twins"), tag
