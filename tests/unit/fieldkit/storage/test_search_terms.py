"""What people type, as queries; nothing typed is an operator."""

from __future__ import annotations

import sqlite3

import pytest

from fieldkit.storage.search_terms import masked_query, prefix_query


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", ""),
        ("  -•- ", ""),
        ("Sul", '"Sul" *'),
        ("sul melati", '"sul" * AND "melati" *'),
        ("3275.0147 0879", '"327501470879" *'),
        ("Jl. Melati", '"Jl" * AND "Melati" *'),
    ],
)
def test_every_word_is_a_beginning(typed: str, query: str) -> None:
    assert prefix_query(typed) == query


@pytest.fixture
def queue() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE queue USING fts5 (masked_name, masked_nik, place)")
    rows = [("Sul•••", "327501••••••••03", "Balai RW 07"), ("I G•••", "510301••••••••01", "Sulang")]
    db.executemany("INSERT INTO queue VALUES (?, ?, ?)", rows)
    return db


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Sulastri Handayani", {"Sul•••"}),
        ("sul", {"Sul•••", "I G•••"}),
        ("I Gede", {"I G•••"}),
        ("3275014708790003", {"Sul•••"}),
        ("3275014708790004", set()),
        ("3275 0147", {"Sul•••"}),
        ("balai", {"Sul•••"}),
        ("Budi", set()),
        ('" OR 1', set()),
        ("NOT place:", set()),
    ],
)
def test_typed_in_full_finds_the_masked(queue: sqlite3.Connection, typed: str, found: set[str]) -> None:
    rows = queue.execute("SELECT masked_name FROM queue WHERE queue MATCH ?", (masked_query(typed),))
    assert {name for (name,) in rows} == found
    queue.close()


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("32750", '("32750" *) OR masked_name : ^ "327"'),
        ("327501", '("327501" *) OR masked_nik : ("327501")'),
        ("327501470879000", '("327501470879000" *) OR masked_nik : ("327501")'),
        ("3275014708790003", '("3275014708790003" *) OR masked_nik : ("327501" "03")'),
        ("32750147087900031", '("32750147087900031" *) OR masked_nik : ("327501")'),
        ("Sulastri", '("Sulastri" *) OR masked_name : ^ "Sul"'),
        (" I G", '("I" * AND "G" *) OR masked_name : ^ "I G"'),
        ("•••Budi", '("Budi" *)'),
    ],
)
def test_what_a_mask_leaves_is_looked_for_beside_the_words(typed: str, query: str) -> None:
    assert masked_query(typed) == query


def test_no_words_no_query() -> None:
    assert masked_query(" •• ") == ""
