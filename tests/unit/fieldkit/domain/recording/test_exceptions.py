from __future__ import annotations

from datetime import datetime, timedelta, timezone

from fieldkit.domain.recording.exceptions import Act, SignedAct, Statement

AT = datetime(2026, 11, 25, 8, 0, tzinfo=timezone(timedelta(hours=7)))


def test_a_statement_says_who_what_of_which_recording_why_and_when() -> None:
    statement = Statement(Act.EXCEPTION, "rina", "s1", "thumbs", "worn", AT, ("a", "b"))
    assert statement.payload == {
        "act": "exception_signed",
        "by": "rina",
        "session": "s1",
        "step": "thumbs",
        "reason": "worn",
        "at": "2026-11-25T01:00:00+00:00",
        "about": ["a", "b"],
    }


def test_the_event_holds_signer_signature_and_certificate() -> None:
    assert SignedAct("rina", "a.b.c", "MII=").payload == {"by": "rina", "signature": "a.b.c", "certificate": "MII="}
