from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.commands import fieldkit, refused
from support.homes import Office, opened
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.trusted_time import TimeSource, TrustedTime


@pytest.fixture(scope="module")
def home(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return office.kit(tmp_path_factory.mktemp("clock") / "kit", PETUGAS)


def as_petugas(passphrase_file: Path) -> tuple[object, ...]:
    return ("--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)


def typed(at: datetime) -> str:
    return f"{at.astimezone(UTC) + timedelta(hours=8):%d-%m-%Y %H.%M}"  # the office of the tests is in WITA


def test_the_clock_is_shown_without_a_passphrase(home: Home) -> None:
    with opened(home):
        pass
    said = fieldkit("clock", "--home", home.path, "--json")
    assert (said.code, said.err) == (0, "")
    assert (said.json["state"], said.json["correction_s"], said.json["trusted"]["source"]) == ("fine", 0.0, "event")
    shown = fieldkit("clock", "--home", home.path)
    assert "Jam laptop sesuai" in shown.out
    assert "kejadian terakhir di laptop ini" in shown.out


@pytest.mark.days
def test_a_clock_that_is_behind_is_said_and_corrected_with_a_reason(home: Home, passphrase_file: Path) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3)
    with opened(home) as context:
        context.time.learn(ahead, TimeSource.CENTER)
    said = fieldkit("clock", "--home", home.path, "--json")
    assert said.json["state"] == "behind"
    assert said.json["off_s"] == pytest.approx(3 * 86_400, abs=120)
    assert "Tertinggal 3 hari" in fieldkit("clock", "--home", home.path).out
    setting = ("clock", "set", "--home", home.path, *as_petugas(passphrase_file))
    assert refused(*setting, "--at", "kemarin", "--reason", "x") == (2, "typed.moment")
    assert refused(*setting, "--at", typed(ahead), "--reason", " ") == (2, "clock.reason_needed")
    assert refused(*setting, "--at", typed(ahead - timedelta(days=1)), "--reason", "x") == (2, "clock.before_trusted")
    done = fieldkit(*setting, "--at", typed(ahead + timedelta(minutes=1)), "--reason", "baterai jam habis")
    assert (done.code, done.err) == (0, "")
    said = fieldkit("clock", "--home", home.path, "--json")
    assert said.json["state"] == "fine"
    assert said.json["correction_s"] == pytest.approx(3 * 86_400, abs=120)
    assert "lebih 3 hari" in fieldkit("clock", "--home", home.path).out


def test_the_laptops_own_clock_is_accepted_with_a_reason(home: Home, passphrase_file: Path) -> None:
    with opened(home) as context:
        context.time.learn(datetime.now(UTC) - timedelta(minutes=5), TimeSource.CENTER)
    done = fieldkit("clock", "accept", "--home", home.path, *as_petugas(passphrase_file), "--reason", "sudah disetel")
    assert (done.code, done.err) == (0, "")
    said = fieldkit("clock", "--home", home.path, "--json")
    assert (said.json["state"], said.json["correction_s"], said.json["trusted"]["source"]) == ("fine", 0.0, "person")


def test_hours_and_minutes_are_said_in_words(home: Home) -> None:
    now = datetime.now(UTC)
    for off, words in ((timedelta(hours=5), "5 jam"), (timedelta(minutes=40), "40 menit")):
        home.write_public(replace(home.read_public(), trusted=TrustedTime(now + off, TimeSource.SATELLITES)))
        assert f"Tertinggal {words}" in fieldkit("clock", "--home", home.path).out


def test_there_must_be_a_kit(tmp_path: Path) -> None:
    assert refused("clock", "--home", tmp_path) == (2, "kit.not_enrolled")
