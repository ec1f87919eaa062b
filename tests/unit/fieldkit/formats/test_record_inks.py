from __future__ import annotations

import hashlib

import pytest
from support.altered import Alteration, Altered, Genuine
from support.room import hand

from fieldkit.domain.errors import KnownError
from fieldkit.formats.signature import decode_signature, render_signature_png

WITNESS, SECOND = 0, 1


def drawn_by_another(altered: Altered) -> None:
    ink = altered.context["exceptionInks"][WITNESS]
    altered.entries[ink["strokes"]] = hand(7).data
    altered.entries[ink["picture"]] = render_signature_png(decode_signature(hand(7).data))


def drawn_by_another_and_named(altered: Altered) -> None:
    drawn_by_another(altered)
    altered.context["exceptionInks"][WITNESS]["sha256"] = hashlib.sha256(hand(7).data).hexdigest()


def other_picture(altered: Altered) -> None:
    ink = altered.context["exceptionInks"][WITNESS]
    altered.entries[ink["picture"]] = render_signature_png(decode_signature(hand(7).data))


def no_picture(altered: Altered) -> None:
    altered.entries[altered.context["exceptionInks"][WITNESS]["picture"]] = b"\x89PNG"


def no_strokes(altered: Altered) -> None:
    ink = altered.context["exceptionInks"][WITNESS]
    altered.entries[ink["strokes"]] = b"[" * 100_000
    ink["sha256"] = hashlib.sha256(altered.entries[ink["strokes"]]).hexdigest()


def signed_as_another(altered: Altered) -> None:
    altered.context["exceptionInks"][SECOND]["name"] = "Kepala Dinas"


def signed_later(altered: Altered) -> None:
    altered.context["exceptionInks"][SECOND]["at"] = "2026-11-21T04:00:00+00:00"


def of_somebody_unnamed(altered: Altered) -> None:
    altered.context["exceptionInks"][WITNESS]["who"] = "Pak Camat"


def in_another_role(altered: Altered) -> None:
    altered.context["exceptionInks"][WITNESS]["role"] = "attendant"


def taken_out(altered: Altered, who: int = WITNESS) -> None:
    ink = altered.context["exceptionInks"].pop(who)
    del altered.entries[ink["strokes"]], altered.entries[ink["picture"]]


def second_taken_out(altered: Altered) -> None:
    taken_out(altered, SECOND)


def second_taken_out_where_nobody_demands_it(altered: Altered) -> None:
    altered.context["policy"]["exceptionInk"] = "witness"
    taken_out(altered, SECOND)


def taken_out_with_its_event(altered: Altered) -> None:
    altered.events = [event for event in altered.events if event["payload"].get("role") != "witness"]
    for number, event in enumerate(altered.events, altered.events[0]["sequence"]):
        event["sequence"] = number
    taken_out(altered)


def event_left_out(altered: Altered) -> None:
    altered.events = [event for event in altered.events if event["payload"].get("role") != "witness"]
    for number, event in enumerate(altered.events, altered.events[0]["sequence"]):
        event["sequence"] = number


def file_left_out(altered: Altered) -> None:
    del altered.entries[altered.context["exceptionInks"][SECOND]["picture"]]


def statement_left_out(altered: Altered) -> None:
    altered.context["exceptionInks"].pop(SECOND)


def one_hand_for_two(altered: Altered) -> None:
    one, other = altered.context["exceptionInks"]
    for name in ("picture", "strokes"):
        altered.entries[other[name]] = altered.entries[one[name]]
    other["sha256"] = one["sha256"]


def one_file_for_two(altered: Altered) -> None:
    one, other = altered.context["exceptionInks"]
    other |= {name: one[name] for name in ("picture", "strokes", "sha256")}


def demanded_of_a_second_who_is_not_named(altered: Altered) -> None:
    altered.context["exceptions"][0]["petugas"] = altered.context["exceptions"][0]["petugas"][:1]


ALTERED: dict[Alteration, str] = {
    drawn_by_another: "ink_differs",
    drawn_by_another_and_named: "ink_differs",
    other_picture: "ink_differs",
    no_picture: "ink_differs",
    no_strokes: "ink_differs",
    signed_as_another: "ink_differs",
    signed_later: "ink_differs",
    event_left_out: "ink_differs",
    one_hand_for_two: "ink_differs",
    of_somebody_unnamed: "ink_unnamed",
    in_another_role: "ink_unnamed",
    taken_out: "ink_missing",
    second_taken_out: "ink_missing",
    second_taken_out_where_nobody_demands_it: "ink_missing",
    taken_out_with_its_event: "ink_missing",
    file_left_out: "sample_absent",
    statement_left_out: "sample_unlisted",
    one_file_for_two: "sample_twice",
    demanded_of_a_second_who_is_not_named: "exceptions_differ",
}


@pytest.mark.parametrize(("alter", "code"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_an_altered_ink_is_refused_by_name(genuine: Genuine, alter: Alteration, code: str) -> None:
    altered = Altered.of(genuine.content)
    alter(altered)
    with pytest.raises(KnownError) as caught:
        genuine.judged(altered)
    assert caught.value.code == f"record.{code}"


def test_a_record_tells_who_signed_its_exceptions(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    witness, second = altered.context["exceptionInks"]
    assert (witness["role"], witness["name"], second["role"], second["who"], second["name"]) == (
        *("witness", "Pak RT"),
        *("attendant", "bagus", "Bagus Santoso"),
    )
    assert hashlib.sha256(altered.entries[witness["strokes"]]).hexdigest() == witness["sha256"]
    assert genuine.judged(altered) == ""


def older(altered: Altered) -> None:
    """Make a record as programs did that took no ink."""
    altered.events[0]["payload"]["form"] = 3
    del altered.context["policy"]["exceptionInk"]
    altered.events = [event for event in altered.events if event["kind"] != "ink_taken"]
    for number, event in enumerate(altered.events, altered.events[0]["sequence"]):
        event["sequence"] = number
    for _ in range(2):
        taken_out(altered)


def test_a_record_of_an_older_program_is_valid_without_ink_and_says_so(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    older(altered)
    assert genuine.judged(altered) == "record.older_form"
