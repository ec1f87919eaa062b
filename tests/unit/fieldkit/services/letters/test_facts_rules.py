"""What letters say of an activity when a part of it is known and another is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from support.app_context import ACTIVITY, TODAY
from support.clock import NOW
from support.known import EVERYTHING, NOTHING, WITH_LAW
from support.letters import HEAD, KADIS, KASI, MONDAY, PLAN, REQUEST, TEAM
from support.sops import SMALL

from fieldkit.domain.documents import Document
from fieldkit.domain.visits import Leg, Moment, Trip
from fieldkit.services.letters.fields import NOBODY, service_words

TUESDAY = date(2026, 11, 24)


def trip(*on: datetime) -> Trip:
    return Trip("t", "a1", "u1", tuple(Moment(Leg.DEPARTED, at) for at in on))


@pytest.mark.parametrize(
    ("there", "asked", "found"),
    [
        ({}, "days", ()),
        ({"activity": ACTIVITY}, "days", (TODAY,)),
        ({"activity": ACTIVITY, "plan": replace(PLAN, days=())}, "days", (TODAY,)),
        ({"activity": ACTIVITY, "plan": PLAN}, "days", (MONDAY,)),
        ({"plan": PLAN}, "days_out", (MONDAY,)),
        ({"plan": PLAN, "trips": (trip(),)}, "days_out", (MONDAY,)),
        ({"plan": PLAN, "trips": (trip(NOW + timedelta(days=3)), trip(NOW))}, "days_out", (TODAY, TUESDAY)),
        ({}, "hours", ""),
        ({"plan": PLAN}, "hours", "08.30 – selesai"),
        ({}, "place", ""),
        ({"activity": ACTIVITY}, "place", "Desa Jimbe"),
    ],
)
def test_days_hours_and_place_are_those_of_the_plan_and_else_of_the_activity(
    there: dict[str, Any], asked: str, found: object
) -> None:
    assert getattr(replace(NOTHING, **there), asked) == found


def test_a_letter_names_whoever_is_known_best() -> None:
    chief = {**NOBODY, "name": KADIS.name, "jabatan": "Kepala Dinas"}
    assert replace(NOTHING, chief=KADIS).signer() == chief
    assert replace(NOTHING, head=HEAD).signer() == replace(NOTHING, head=HEAD, chief=KASI).signer()
    assert replace(NOTHING, head=HEAD).signer()["nip"] == HEAD.nip
    assert NOTHING.me() == {**NOBODY, "name": KASI.name}
    assert replace(NOTHING, mine=TEAM[0]).me()["name"] == TEAM[0].name


def test_words_are_empty_where_nothing_is_known() -> None:
    usual = {"service": "perekaman KTP-el", "Service": "Perekaman KTP-el", "given": "KTP-el"}
    words = NOTHING.words()
    assert {name: word for name, word in words.items() if word} == {
        "dinas": "Dinas Uji",
        "regency": "Kabupaten Uji",
        **usual,
    }
    assert replace(NOTHING, activity=ACTIVITY).words()["village"] == "Desa Jimbe"
    assert replace(NOTHING, sop=SMALL).words() == {**words, "sop": SMALL.name, "sop_number": SMALL.number}


def test_words_tell_the_request_the_activity_and_the_sop() -> None:
    assert EVERYTHING.words() == {
        "dinas": "Dinas Uji",
        "regency": "Kabupaten Uji",
        "activity": ACTIVITY.name,
        "place": "Desa Jimbe",
        "days": "Senin, 23 November 2026",
        "sender": REQUEST.sender,
        "letter_number": REQUEST.number,
        "letter_dated": "16 November 2026",
        "subject": REQUEST.subject,
        "village": "Jimbe",
        "law": "UU Nomor 24 Tahun 2013",
        "sop": SMALL.name,
        "sop_number": SMALL.number,
        "service": "penerbitan KIA",
        "Service": "Penerbitan KIA",
        "given": "KIA, Kartu Keluarga (KK)",
    }


@pytest.mark.parametrize(
    ("sop", "service", "given"),
    [
        (None, "perekaman KTP-el", "KTP-el"),
        (SMALL, "perekaman KTP-el", "KTP-el"),
        (replace(SMALL, service="penerbitan KIA"), "penerbitan KIA", "KTP-el"),
        (replace(SMALL, gives=(Document.KIA,)), "perekaman KTP-el", "KIA"),
    ],
)
def test_the_service_is_the_recording_unless_the_sop_says_otherwise(sop: Any, service: str, given: str) -> None:
    words = service_words(sop)
    assert (words["service"], words["given"]) == (service, given)


_WORDING = {"dasar": ["Undang-Undang;"], "dasar_sop": "SOP {sop}", "dasar_law": "{law} serta SOP {sop}"}


@pytest.mark.parametrize(
    ("sop", "wording", "laws", "basis"),
    [
        (None, _WORDING, ["Undang-Undang;"], ""),
        (SMALL, _WORDING, ["Undang-Undang;"], f"SOP {SMALL.name}"),
        (
            WITH_LAW,
            _WORDING,
            ["UU Nomor 24 Tahun 2013;", "Permendagri Nomor 109 Tahun 2019;", f"SOP {SMALL.name}"],
            f"UU Nomor 24 Tahun 2013 serta SOP {SMALL.name}",
        ),
        (
            WITH_LAW,
            {"dasar_sop": "SOP {sop}"},
            ["UU Nomor 24 Tahun 2013;", "Permendagri Nomor 109 Tahun 2019;", f"SOP {SMALL.name}"],
            f"SOP {SMALL.name}",
        ),
    ],
)
def test_a_letter_rests_on_the_law_of_the_sop_where_it_has_room_for_it(
    sop: Any, wording: dict[str, Any], laws: list[str], basis: str
) -> None:
    known = replace(NOTHING, sop=sop, wording=wording)
    assert (known.laws(), known.basis()) == (laws, basis)


@pytest.mark.parametrize(
    ("sop", "wording", "name", "proposed"),
    [
        (WITH_LAW, {"requirements": ["KTP"]}, "requirements", ["KK asli"]),
        (WITH_LAW, {}, "requirements", ""),
        (SMALL, {"requirements": ["KTP"]}, "requirements", ["KTP"]),
        (None, {"requirements": ["KTP"]}, "requirements", ["KTP"]),
        (WITH_LAW, {"hal": "{service}"}, "hal", "penerbitan KIA"),
        (WITH_LAW, {"lines": ["{service}", "b"]}, "lines", ["penerbitan KIA", "b"]),
    ],
)
def test_what_people_prepare_stands_in_the_sop_for_letters_that_ask_for_it(
    sop: Any, wording: dict[str, Any], name: str, proposed: object
) -> None:
    assert replace(NOTHING, sop=sop, wording=wording).propose(name) == proposed
