from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.domain.errors import InputError
from sync.gateway.places import Places, demand_no_password, places_in

SECRET = "postgresql+psycopg://gateway:rahasia@db/gateway"


def test_what_is_said_counts_before_the_environment_and_that_before_the_settings() -> None:
    settings = Places("sqlite:///a", "s3://settings")
    found = Places("", "s3://said").or_else(places_in({"FIELDKIT_DATABASE_URL": SECRET})).or_else(settings)
    assert found == Places(SECRET, "s3://said")
    assert not found.is_sqlite
    assert Places().or_else(settings).is_sqlite
    assert Places().is_sqlite
    assert places_in(found.environment()) == found


def test_the_address_of_the_database_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{SECRET}\n")
    assert places_in({"FIELDKIT_DATABASE_URL_FILE": str(tmp_path / "url")}).database == SECRET
    with pytest.raises(InputError) as caught:
        places_in({"FIELDKIT_DATABASE_URL_FILE": str(tmp_path / "none")})
    assert caught.value.code == "gateway.database_file"


def test_a_password_has_no_place_in_a_command() -> None:
    demand_no_password("postgresql+psycopg://gateway@db/gateway")
    for url, code in ((SECRET, "gateway.password_in_command"), ("nonsense", "gateway.database_address")):
        with pytest.raises(InputError) as caught:
            demand_no_password(url)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, Places()),
        ({"FIELDKIT_DATABASE_URL": "sqlite:///a", "FIELDKIT_DATABASE_URL_FILE": "/none"}, Places("sqlite:///a")),
        ({"FIELDKIT_OBJECTS": "s3://x"}, Places("", "s3://x")),
    ],
)
def test_the_environment_says_what_is_said_there(said: dict[str, str], found: Places) -> None:
    assert places_in(said) == found
    assert found.environment() == {name: value for name, value in said.items() if not name.endswith("FILE")}


def test_only_a_file_or_nothing_is_sqlite() -> None:
    assert [Places(url).is_sqlite for url in ("", "sqlite:///a", "postgresql+psycopg://db/g")] == [True, True, False]
