"""The sticks that are plugged in, as two fields of a form: one to choose from, one to type another folder into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldkit.ports.backups import Drive
from ui.presenters.form import FormField
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice

DRIVE, PLACE = "drive", "place"
_GIGA = 1_000_000_000


def stick_fields(
    drives: Sequence[Drive], shown: Sequence[FormField], known: Sequence[Drive], hint: Message
) -> tuple[FormField, ...]:
    """Return the fields for `drives`; what was typed and chosen on the fields `shown` for the drives `known` stays."""
    other = FormField(PLACE, message("cadangan.place"), _text(shown, PLACE), hint)
    if not drives:
        return (replace(other, hint=message("cadangan.none_plugged")),)
    names = [drive.place for drive in drives]
    before = _chosen(shown, known)
    chosen = before if before in names else names[0]
    choices = tuple(Choice(str(at), drive_words(drive)) for at, drive in enumerate(drives))
    return (FormField(DRIVE, message("cadangan.stick"), str(names.index(chosen)), choices=choices), other)


def with_text(fields: Sequence[FormField], name: str, text: str) -> tuple[FormField, ...]:
    """Return the fields after a key or a choice; a stick that is chosen takes the place of a folder that was typed."""
    texts = {name: text} | ({PLACE: ""} if name == DRIVE else {})
    return tuple(replace(field, text=texts.get(field.name, field.text)) for field in fields)


def place_of(fields: Sequence[FormField], drives: Sequence[Drive]) -> str:
    """Return the folder that was typed, else the stick that is chosen, "" without either."""
    return _text(fields, PLACE).strip() or _chosen(fields, drives)


def drive_words(drive: Drive) -> Message:
    """Return the name of a stick and its room."""
    if drive.free_bytes is None:
        return drive.name
    tenths = drive.free_bytes * 10 // _GIGA
    return message("cadangan.drive", name=drive.name, whole=tenths // 10, tenth=tenths % 10)


def _text(fields: Sequence[FormField], name: str) -> str:
    return next((field.text for field in fields if field.name == name), "")


def _chosen(fields: Sequence[FormField], drives: Sequence[Drive]) -> str:
    text = _text(fields, DRIVE)
    return drives[int(text)].place if text and int(text) < len(drives) else ""
