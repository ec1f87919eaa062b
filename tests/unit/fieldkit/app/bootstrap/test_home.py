from __future__ import annotations

import errno
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fieldkit.app.bootstrap.home import Home, PublicFacts
from fieldkit.domain.errors import InputError
from fieldkit.domain.trusted_time import Running, TimeSource, TrustedTime

MET = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def test_public_facts_come_back_as_they_were_written(tmp_path: Path) -> None:
    home, facts = Home(tmp_path), PublicFacts("Dinas Uji – Kabupaten", "WIT", MET, {"rina": "246810"}, -3.5)
    trusted = TrustedTime(MET, TimeSource.CENTER, Running("b1", 9.5))
    facts = replace(facts, trusted=trusted, correction=timedelta(hours=-3), certificates={"kit": MET})
    home.write_public(facts)
    assert home.read_public() == facts
    assert [path.name for path in tmp_path.iterdir()] == ["public.json"]


def test_facts_without_room_leave_those_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Home(tmp_path).write_public(PublicFacts("Dinas Uji"))

    def no_room(path: Path, *_: object) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", no_room)
    with pytest.raises(OSError, match="No space"):
        Home(tmp_path).write_public(PublicFacts("another"))
    Home(tmp_path).show(PublicFacts("another"))  # who is signed in goes on
    assert Home(tmp_path).read_public().dinas == "Dinas Uji"
    assert [path.name for path in tmp_path.iterdir()] == ["public.json"]


@pytest.mark.parametrize(
    "damage",
    [
        *(None, b"", b"{", b"[]", b"\xff\xfe"),
        *(b'{"last_sync_at": "soon"}', b'{"demo_pins": 3}', b'{"trusted": {"at": "now"}}'),
    ],
)
def test_damaged_facts_keep_nobody_from_working(tmp_path: Path, damage: bytes | None) -> None:
    if damage is not None:
        (tmp_path / "public.json").write_bytes(damage)
    assert Home(tmp_path).read_public() == PublicFacts("")


@pytest.mark.parametrize("written", ["1e300", "-4e9", "NaN"])
def test_a_correction_that_no_clock_can_bear_is_none(tmp_path: Path, written: str) -> None:
    (tmp_path / "public.json").write_text(f'{{"dinas": "Dinas", "correction_s": {written}}}')
    assert Home(tmp_path).clock().correction == timedelta(0)


@pytest.mark.parametrize(("zone", "hours"), [("WIB", 7), ("WITA", 8), ("WIT", 9), ("Mars", 7)])
def test_the_clock_is_that_of_the_dinas(tmp_path: Path, zone: str, hours: int) -> None:
    home = Home(tmp_path)
    home.write_public(PublicFacts("Dinas", zone))
    assert home.clock().local(MET).hour == 2 + hours


def test_a_folder_is_a_kit_when_it_has_key_slots(tmp_path: Path) -> None:
    home = Home(tmp_path / "kit")
    with pytest.raises(InputError) as caught:
        home.demand_enrolled()
    assert (caught.value.code, caught.value.problem.params["home"]) == ("kit.not_enrolled", str(home.path))
    home.path.mkdir()
    home.slots.write_text("{}")
    home.demand_enrolled()
