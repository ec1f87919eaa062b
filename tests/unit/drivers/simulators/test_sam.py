from __future__ import annotations

from drivers.simulators.sam import AID, TEST_KEY, SamCard, cryptogram, session

SELECT = b"\x00\xa4\x04\x00" + bytes((len(AID),)) + AID
CHALLENGE = bytes(range(8))


def test_it_answers_only_its_application():
    card = SamCard()
    assert card.answer(b"\x00\x88\x00\x00\x08" + CHALLENGE + b"\x00") == b"\x69\x82"
    assert card.answer(b"\x00\xa4\x04\x00\x02AB") == b"\x6a\x82"
    assert card.answer(SELECT) == b"\x90\x00"
    assert card.answer(b"\x00\x2a\x86\x80\x01A\x00") == b"\x69\x82"
    assert card.answer(b"\x00\x88\x00\x00\x08" + CHALLENGE + b"\x00") == cryptogram(TEST_KEY, CHALLENGE) + b"\x90\x00"
    assert card.answer(b"\x00\xb0\x00\x00\x00") == b"\x6d\x00"
    card.reset()
    assert card.answer(b"\x00\x88\x00\x00\x08" + CHALLENGE + b"\x00") == b"\x69\x82"


def test_a_session_hides_and_numbers_its_messages():
    (here, _), (there, _) = session(TEST_KEY, CHALLENGE), session(TEST_KEY, CHALLENGE)
    first, second = here.seal(b"READ BINARY"), here.seal(b"READ BINARY")
    assert b"READ" not in first
    assert first != second
    assert there.open(first) == b"READ BINARY"
    assert there.open(first) is None  # repeated
    assert session(b"another key", CHALLENGE)[0].open(first) is None
