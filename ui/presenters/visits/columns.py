"""What lists of targets have in common: who somebody is, where they live, what SIAK said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fieldkit.domain.planning.outreach import Target, TargetLine, TargetVerdict
from ui.presenters.figures import Cell
from ui.presenters.lists import Head
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone

T = TypeVar("T")

VERDICT_TONES = {
    TargetVerdict.BELUM_DICEK: Tone.NEUTRAL,
    TargetVerdict.TERVERIFIKASI: Tone.GOOD,
    TargetVerdict.SUDAH_MEREKAM: Tone.CAUTION,
    TargetVerdict.NIK_BERMASALAH: Tone.BAD,
    TargetVerdict.MENINGGAL: Tone.CAUTION,
    TargetVerdict.PINDAH: Tone.CAUTION,
}


def person(of: Callable[[T], Target | TargetLine], width: int = 0) -> Head[T]:
    """Return the column of the name in full with the masked NIK; in order by name."""

    def cell(entry: T) -> Cell:
        who = of(entry).biodata
        return Cell(who.name, who.nik.masked, is_strong=True)

    return Head(message("sasaran.person"), cell, width, lambda entry: of(entry).name)


def house(place: Callable[[T], int], title: Message | None = None) -> Head[T]:
    """Return the column of the place in the order of the visits."""
    return Head(title or message("sasaran.house"), lambda entry: Cell(str(place(entry))), 84, place)


def address(of: Callable[[T], Target | TargetLine], width: int = 0) -> Head[T]:
    """Return the column of the street with RT, RW and village; in order by village, RW and RT."""

    def home(entry: T) -> tuple[str, str, str, str]:
        at = of(entry).address
        return (at.village, at.rw, at.rt, at.street)

    def cell(entry: T) -> Cell:
        village, rw, rt, street = home(entry)
        return Cell(street, message("sasaran.place", rt=rt, rw=rw, village=village))

    return Head(message("sasaran.address"), cell, width, home)


def verdict_words(verdict: TargetVerdict) -> Message:
    """Return what SIAK said of somebody."""
    return message(f"verdict_siak.{verdict.value}")


def verdict_tag(verdict: TargetVerdict) -> Tag:
    """Return what SIAK said of somebody, on its tone."""
    return Tag(verdict_words(verdict), VERDICT_TONES[verdict])
