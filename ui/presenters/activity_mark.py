"""How an activity is known again on every screen: two letters on its colour, and the line that names it."""

from __future__ import annotations

import re
from datetime import date
from zlib import crc32

from fieldkit.services.planning import ActivityLine
from ui.presenters.amounts import day_text
from ui.presenters.parts import UnderWork
from ui.presenters.presenter import message

HUES = 6  # colours in `assets/tokens.json`
_KINDS = re.compile(r"^(desa|kelurahan|kel\.?|kecamatan|kec\.?)\s+", re.IGNORECASE)
_VOWELS = "AEIOU"


def letters_of(place: str) -> str:
    """Return the two letters of a village: of two words their initials, of one the first and the consonant after it."""
    words: list[str] = re.findall(r"[^\W\d_]+", _KINDS.sub("", place.strip()).upper())
    if not words:
        return "–"
    if len(words) > 1:
        return words[0][0] + words[1][0]
    (word,) = words
    return word[0] + next((letter for letter in word[1:] if letter not in _VOWELS), word[1:2])


def hue_of(activity_id: str) -> int:
    """Return which of the colours is the activity's: the same on each laptop, whatever else is planned."""
    return crc32(activity_id.encode()) % HUES


def under_work(line: ActivityLine, today: date) -> UnderWork:
    """Return what the bar at the top says of an activity: its name, its day, the step that it is at."""
    activity, glance = line.activity, line.glance
    place = "" if activity.place.casefold() in activity.name.casefold() else activity.place
    day = next((day for day in line.days if day >= today), line.days[-1])
    facts = " · ".join(filter(None, (place, day_text(day))))
    mark = (letters_of(activity.place), hue_of(activity.activity_id), activity.name)
    if glance is None:
        return UnderWork(*mark, facts)
    at = glance.next.no if glance.next is not None else glance.total
    step = message("strip.step", facts=facts, no=at, total=glance.total)
    return UnderWork(*mark, step)
