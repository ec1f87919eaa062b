from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import PASSPHRASE, Office, Repository, opened, record
from support.kept import biodata
from support.kits import contents
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import StoreError, VaultError
from fieldkit.domain.planning.outreach import ServiceCategory, Target
from fieldkit.domain.recording.session import Phase
from fieldkit.services.context.app_context import AppContext
from fieldkit.storage.store import FileCare


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    """A kit with a sealed record and an open recording."""
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        record(context)
        begin(context)
    return home


def begin(context: AppContext) -> None:
    who = biodata("Budi Raharjo", "3275014708790005")
    activity = context.visits.overview().activity
    assert activity is not None
    context.visits.take_over(activity, [Target("t2", "act-1", 2, who, ServiceCategory.UMUM)])
    session = context.recording.open("t2")
    context.recording.give_notice(session.session_id, "id")
    context.recording.confirm_biodata(session.session_id, who)


def spoil(home: Home, *pages: int) -> None:
    content = bytearray(home.database.read_bytes())
    for page in pages:
        content[page * 4096 + 2000] ^= 1
    home.database.write_bytes(content)


def codes(context: AppContext) -> list[str]:
    return [problem.code for problem in context.to_tell]


def assert_goes_on(context: AppContext) -> None:
    [entry] = context.delivery.queue().entries
    assert entry.state is DeliveryState.QUEUED
    [left] = context.left_open
    assert (left.target_id, left.phase) == ("t2", Phase.CAPTURING)
    assert context.recording.open("t2").session_id == left.session_id
    assert context.visits.target("t2").biodata.name == "Budi Raharjo"
    assert context.audit.verify()[1] is None


@pytest.mark.days
def test_a_bad_first_page_is_no_wrong_key(home: Home) -> None:
    spoil(home, 0)
    with opened(home) as context:
        assert codes(context) == ["store.replaced", "recover.adopted"]
        assert_goes_on(context)
        assert (home.path / str(context.to_tell[0].params["aside"]) / "kit.db").is_file()
    with opened(home) as context:
        assert codes(context) == []
        assert_goes_on(context)


@pytest.mark.days
def test_a_copy_brings_back_what_the_bad_page_hid(home: Home) -> None:
    with opened(home) as context:
        assert list(context.check_store.run()) == []
    spoil(home, 0)
    with opened(home) as context:
        assert codes(context) == ["store.replaced_by_copy"]
        assert_goes_on(context)
        assert context.visits.target("t1").biodata.name == biodata().name


@pytest.mark.days
def test_damage_that_the_check_finds_is_mended_at_the_next_sign_in(home: Home) -> None:
    pages = home.database.stat().st_size // 4096
    with opened(home) as context:
        spoil(home, pages - 2)
        assert [problem.code for problem in context.check_store.run()] == ["store.damage_found"]
    with opened(home) as context:
        assert codes(context)[0] == "store.replaced"
        assert_goes_on(context)
        assert list(context.check_store.run()) == []


@pytest.mark.days
def test_lost_salt_is_damage_because_the_settings_open_with_the_key(home: Home) -> None:
    content = home.database.read_bytes()
    home.database.write_bytes(bytes(16) + content[16:])
    with opened(home) as context:
        assert_goes_on(context)


@pytest.mark.days
def test_the_store_of_another_key_is_left_alone(home: Home, office: Office, tmp_path: Path) -> None:
    other = office.kit(tmp_path / "other", PETUGAS)
    home.database.write_bytes(theirs := other.database.read_bytes())
    (home.path / "enrolment.sealed").unlink()
    kit = LockedKit(home, Repository())
    with pytest.raises(VaultError, match=r"store\.wrong_key"):
        kit.unlock(PETUGAS.user_id, PASSPHRASE)
    kit.leave()
    assert home.database.read_bytes() == theirs


@pytest.mark.days
def test_without_settings_anywhere_nothing_is_replaced(home: Home) -> None:
    (home.path / "enrolment.sealed").unlink()
    spoil(home, 0)
    before = home.database.read_bytes()
    kit = LockedKit(home, Repository())
    with pytest.raises(StoreError, match=r"store\.damaged"):
        kit.unlock(PETUGAS.user_id, PASSPHRASE)
    kit.leave()
    assert home.database.read_bytes() == before


@pytest.mark.days
def test_a_store_that_is_gone_is_not_made_anew(home: Home) -> None:
    home.database.unlink()
    before = set(contents(home.path))
    with pytest.raises(StoreError, match=r"store\.gone"), opened(home):
        pass
    assert set(contents(home.path)) == before  # each sign-in counts its tries in the slots, and makes nothing


@pytest.mark.days
def test_a_copy_takes_the_place_of_a_store_that_is_gone(home: Home) -> None:
    with opened(home) as context:
        assert list(context.check_store.run()) == []
    home.database.unlink()
    with opened(home) as context:
        assert codes(context) == ["store.replaced_by_copy"]
        assert_goes_on(context)


@pytest.mark.days
def test_pages_are_looked_at_again_after_a_cut(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, damage = list[bool](), FileCare.damage
    monkeypatch.setattr(FileCare, "damage", lambda care: looked.append(True) or damage(care))
    for is_cut, times in ((False, 1), (False, 1), (True, 2)):
        if is_cut:
            home.database.with_name("kit.db-wal").touch()  # as a process leaves it that was killed
        with opened(home) as context:
            assert list(context.check_store.run()) == []
        assert len(looked) == times
