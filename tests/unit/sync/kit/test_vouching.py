from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from types import SimpleNamespace
from typing import cast

import pytest

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.exceptions import SignedAct
from sync.kit.announce import Vouching
from sync.kit.parts import RunParts
from sync.protocol.down import Vouches, VouchesAnswer
from sync.protocol.outcomes import NotOfferedError

RECORD = "0190c0de-0000-7000-8000-000000000001"


class Book:
    def __init__(self, *records: str) -> None:
        self.kept = {each: SignedAct("bagus", "a.b.c", b64encode(b"der").decode()) for each in records}

    def pending(self) -> Mapping[str, SignedAct]:
        return dict(self.kept)

    def settle(self, record_id: str) -> None:
        del self.kept[record_id]


class Link:
    def __init__(self, *words: str, offers: bool = True) -> None:
        self.words, self.offers, self.asked = words, offers, list[Vouches]()

    def vouch(self, message: Vouches) -> VouchesAnswer:
        self.asked.append(message)
        if not self.offers:
            raise NotOfferedError("/vouches")
        return VouchesAnswer(words=self.words)


def hand_in(book: Book, link: Link) -> list[Problem]:
    notes: list[Problem] = []
    Vouching(book).hand_in(cast(RunParts, SimpleNamespace(link=link, tally=SimpleNamespace(note=notes.append))))
    return notes


def test_nothing_is_asked_while_nothing_waits() -> None:
    link = Link()
    assert hand_in(Book(), link) == []
    assert link.asked == []


@pytest.mark.parametrize("word", ["", "vouch.unknown"])
def test_what_was_taken_or_has_no_record_there_is_settled(word: str) -> None:
    book, link = Book(RECORD), Link(word)
    assert hand_in(book, link) == []
    assert book.kept == {}
    (vouch,) = link.asked[0].vouches
    assert (str(vouch.record_id), vouch.signature, vouch.certificate) == (RECORD, "a.b.c", b"der")


def test_an_older_data_center_has_to_be_updated_first_and_the_signature_waits() -> None:
    book = Book(RECORD)
    (note,) = hand_in(book, Link(offers=False))
    assert (note.code, note.params["count"]) == ("sync.no_vouches", 1)
    assert RECORD in book.kept


def test_what_got_no_word_waits() -> None:
    book = Book(RECORD)
    hand_in(book, Link())
    assert RECORD in book.kept
