from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.gateway.database import open_database
from sync.gateway.kept_question import KeptQuestion
from sync.gateway.tables import moves

AT = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
QUESTION = sa.select(moves.c.place, moves.c.at).where(moves.c.place == sa.bindparam("place"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = open_database(f"sqlite:///{tmp_path / 'rows.sqlite3'}")
    yield made
    made.dispose()


@pytest.fixture
def question(engine: sa.Engine) -> Iterator[KeptQuestion]:
    made = KeptQuestion(engine, QUESTION)
    yield made
    made.close()


def write(engine: sa.Engine, place: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(moves).values(place=place, at=AT))


def test_it_answers_as_the_engine_does(engine: sa.Engine, question: KeptQuestion) -> None:
    assert question.ask(place="here") is None
    write(engine, "here")
    assert question.ask(place="here") == ["here", AT]
    assert question.ask(place="there") is None
    with engine.connect() as connection:
        assert question.ask(place="here") == list(connection.execute(QUESTION, {"place": "here"}).one())


def test_it_waits_for_nobody_who_writes_and_sees_what_was_written(engine: sa.Engine, question: KeptQuestion) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(moves).values(place="here", at=AT))
        assert question.ask(place="here") is None
        assert question._connection is not None
        assert question._connection.execute("PRAGMA busy_timeout").fetchone() == (0,)
    assert question.ask(place="here") == ["here", AT]


def test_what_goes_wrong_is_no_answer_and_the_next_one_is_asked_anew(engine: sa.Engine, question: KeptQuestion) -> None:
    write(engine, "here")
    assert question.ask(place="here")
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE moves RENAME TO gone"))
    assert question.ask(place="here") is None
    assert question._connection is None
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO moves"))
    assert question.ask(place="here") == ["here", AT]
    engine.dispose()
    question.close()
    assert question.ask(place="here") == ["here", AT]


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("sqlite:////rows.sqlite3", True),
        ("sqlite:///:memory:", False),
        ("sqlite://", False),
        ("postgresql+psycopg://nobody@nowhere/none", False),
    ],
)
def test_only_a_file_is_near(url: str, is_so: bool) -> None:
    assert KeptQuestion.fits(sa.create_engine(url)) is is_so
