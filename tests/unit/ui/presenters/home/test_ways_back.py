from __future__ import annotations

from dataclasses import replace

import pytest
from support.tasks import SameThread
from support.ways import ADMIN, RINA, STICK, ListedWays

from fieldkit.domain.errors import InputError, KnownError, VaultError
from fieldkit.ports.exchange import NewSecrets, SlipTyped, Way
from ui.presenters.amounts import moment_text
from ui.presenters.delivery.stick_work import DRIVE, PLACE
from ui.presenters.home.ways_back import (
    AGAIN_TYPED,
    BACKUP,
    CODE,
    FINGERPRINT,
    IDENTITY,
    NAME,
    NEW,
    OPENED_BY,
    PASSPHRASE,
    PIN,
    SHEET,
    SLIP,
    URL,
    WAY,
    WHO,
    WaysBackPresenter,
    name_of,
)
from ui.presenters.parts import Stage
from ui.presenters.presenter import Message, message
from ui.presenters.tasks import STORE


class Screen:
    """A presenter with what it told."""

    def __init__(self, ways: ListedWays, tasks: SameThread) -> None:
        self.told: list[Message] = []
        self.left = 0
        self.presenter = WaysBackPresenter(ways, tasks, self.told.append, self._leave)
        self.presenter.start()

    def _leave(self) -> None:
        self.left += 1

    @property
    def names(self) -> list[str]:
        """Return the fields without the way before their names."""
        return [field.name.rpartition("_")[2] for field in self.presenter.state.fields]

    def fill(self, **texts: str) -> None:
        for part, text in texts.items():
            names = (field.name for field in self.presenter.state.fields)
            self.presenter.type(next(name for name in names if name.rpartition("_")[2] == part), text)

    def wrong_at(self) -> str:
        wrong = (field.name for field in self.presenter.state.fields if field.problem)
        return next(wrong, "").rpartition("_")[2]


def test_at_the_start_the_stick_is_read_and_a_passphrase_puts_its_backup_back(tasks: SameThread) -> None:
    ways = ListedWays(Way.RESTORE)
    screen = Screen(ways, tasks)
    assert screen.names == [DRIVE, PLACE, BACKUP, WHO, PASSPHRASE]  # nothing to choose between
    screen.fill(who=ADMIN.user_id, passphrase="rahasia sawah")
    screen.presenter.accept()
    (found,) = ways.there[STICK]
    assert ways.restored == [(found.folder, ADMIN.user_id, "rahasia sawah")]
    (told,) = screen.told
    assert told == message("pulih.restored", kit="KIT-07", at=moment_text(found.made_at), records=3)


def test_a_folder_that_is_typed_is_looked_into_first(tasks: SameThread) -> None:
    ways = ListedWays(Way.RESTORE)
    screen = Screen(ways, tasks)
    screen.fill(place="/mnt/nas")
    assert screen.names == [DRIVE, PLACE]
    assert screen.presenter.state.bar.actions[-1].words == message("pulih.search")
    screen.presenter.accept()
    assert (screen.wrong_at(), ways.restored) == (PLACE, [])
    ways.there["/mnt/nas"] = [replace(ways.there[STICK][0], folder="/mnt/nas/b", people=(RINA,))]
    screen.presenter.accept()
    assert screen.names[-3:] == [BACKUP, WHO, PASSPHRASE]
    screen.fill(passphrase="rahasia sawah")
    screen.presenter.accept()
    assert ways.restored == [("/mnt/nas/b", RINA.user_id, "rahasia sawah")]


def test_without_a_stick_f5_finds_the_one_that_is_plugged_in(tasks: SameThread) -> None:
    ways = ListedWays(Way.RESTORE)
    drive = ways.listed.pop()
    screen = Screen(ways, tasks)
    assert screen.names == [PLACE]
    screen.presenter.accept()
    assert screen.wrong_at() == PLACE
    ways.listed.append(drive)
    screen.presenter.refresh()
    assert BACKUP in screen.names


def test_the_recovery_key_gives_an_admin_a_new_passphrase(tasks: SameThread) -> None:
    ways = ListedWays()
    screen = Screen(ways, tasks)
    assert screen.names == [WAY, IDENTITY, WHO, NEW, AGAIN_TYPED, PIN, SLIP, URL, CODE, FINGERPRINT]
    screen.fill(identity="/media/k/recovery.identity", new="kunci lemari besi", again="kunci lemari", pin="270845")
    screen.fill(url="https://pusat", code="ABCD", fingerprint="12:34")
    screen.presenter.accept()
    assert (screen.wrong_at(), ways.recovered) == (AGAIN_TYPED, [])
    screen.fill(again="kunci lemari besi")
    screen.presenter.accept()
    secrets = NewSecrets(ADMIN.user_id, "", "kunci lemari besi", "270845", "/media/k/recovery.identity")
    assert ways.recovered == [(secrets, SlipTyped("", "https://pusat", "ABCD", "12:34"))]
    assert screen.told == [message("pulih.recovered", name=ADMIN.name)]


def test_a_slip_in_a_file_needs_no_lines_and_lost_slots_ask_for_the_name(tasks: SameThread) -> None:
    ways = ListedWays(Way.RESTORE, Way.RECOVER)
    ways.known.clear()
    screen = Screen(ways, tasks)
    screen.fill(way="recover", slip="/media/k/slip.txt")
    assert screen.names == [WAY, IDENTITY, WHO, NAME, NEW, AGAIN_TYPED, PIN, SLIP]
    screen.fill(who=" sri ", name="Sri Admin", new="a", again="a")
    screen.presenter.accept()
    ((secrets, slip),) = ways.recovered
    assert (secrets.user_id, secrets.name, slip.file) == ("sri", "Sri Admin", "/media/k/slip.txt")


def test_a_found_laptop_is_let_in_on_an_admins_word(tasks: SameThread) -> None:
    ways = ListedWays()
    screen = Screen(ways, tasks)
    screen.fill(way="readmit", passphrase="rahasia", slip="/media/k/slip.txt")
    assert screen.names == [WAY, WHO, PASSPHRASE, SLIP]
    screen.presenter.accept()
    assert ways.readmitted == [(SlipTyped("/media/k/slip.txt"), ADMIN.user_id, "rahasia")]
    assert screen.told == [message("pulih.readmitted", kit="KIT-07")]


@pytest.mark.parametrize(
    ("refusal", "place"),
    [
        (VaultError("vault.wrong_passphrase", left=4), PASSPHRASE),
        (InputError("cli.slip_form", file="x"), SLIP),
        (InputError("kit.slip_of_another", kit="A", other="B"), ""),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    tasks: SameThread, refusal: KnownError, place: str
) -> None:
    ways = ListedWays()
    ways.refusal = refusal
    screen = Screen(ways, tasks)
    screen.fill(way="readmit", passphrase="rahasia", slip="/media/k/slip.txt")
    screen.presenter.accept()
    state = screen.presenter.state
    assert (screen.wrong_at(), state.stage) == (place, Stage.CONTENT)
    assert (state.problem is None) == bool(place)
    ways.refusal = None
    screen.presenter.accept()
    assert len(ways.readmitted) == 1


def test_a_weak_passphrase_stands_under_the_new_one(tasks: SameThread) -> None:
    ways = ListedWays()
    ways.refusal = InputError("vault.weak_passphrase", least=12).at("new")
    screen = Screen(ways, tasks)
    screen.presenter.accept()
    assert screen.wrong_at() == NEW


def test_nobody_leaves_a_way_that_is_under_way() -> None:
    tasks = SameThread(STORE)
    screen = Screen(ListedWays(Way.RESTORE), tasks)
    screen.presenter.accept()
    assert screen.presenter.state.stage is Stage.BUSY
    screen.presenter.back()
    screen.presenter.type(name_of(Way.RESTORE, PASSPHRASE), "x")
    assert screen.left == 0
    tasks.release(STORE)
    assert len(screen.told) == 1
    back = Screen(ListedWays(), SameThread())
    back.presenter.back()
    assert back.left == 1


def test_the_code_on_the_sheet_gives_a_new_passphrase(tasks: SameThread) -> None:
    ways = ListedWays(Way.SHEET, Way.RECOVER)
    screen = Screen(ways, tasks)
    assert screen.names == [WAY, CODE, NEW, AGAIN_TYPED, PIN]
    screen.fill(code="ABCD-EFGH", new="kunci lemari besi", again="kunci lemari", pin="270845")
    screen.presenter.accept()
    assert (screen.wrong_at(), ways.by_sheet) == (AGAIN_TYPED, [])
    screen.fill(again="kunci lemari besi")
    ways.refusal = VaultError("vault.wrong_sheet")
    screen.presenter.accept()
    assert screen.wrong_at() == CODE
    ways.refusal = None
    screen.presenter.accept()
    assert ways.by_sheet == [("ABCD-EFGH", "kunci lemari besi", "270845")]
    assert screen.told == [message("pulih.recovered", name=ADMIN.name)]


def test_the_code_on_the_sheet_puts_a_backup_back(tasks: SameThread) -> None:
    """Where the backup has one; whoever restores by it has no passphrase and is told how to get one."""
    ways = ListedWays(Way.RESTORE)
    (found,) = ways.there[STICK]
    ways.there[STICK] = [replace(found, has_sheet=True), replace(found, folder="without")]
    screen = Screen(ways, tasks)
    assert screen.names == [DRIVE, PLACE, BACKUP, OPENED_BY, WHO, PASSPHRASE]
    screen.fill(by=SHEET, backup="1")
    assert screen.names == [DRIVE, PLACE, BACKUP, WHO, PASSPHRASE], "this one has no sheet"
    screen.fill(backup="0")
    screen.fill(by=SHEET)
    assert screen.names == [DRIVE, PLACE, BACKUP, OPENED_BY, CODE]
    screen.fill(code="ABCD-EFGH")
    ways.refusal = VaultError("vault.wrong_sheet")
    screen.presenter.accept()
    assert (screen.wrong_at(), screen.told) == (CODE, [])
    ways.refusal = None
    screen.presenter.accept()
    assert (ways.restored, ways.restored_by_sheet) == ([], [(found.folder, "ABCD-EFGH")])
    told = message("pulih.restored_by_sheet", kit="KIT-07", at=moment_text(found.made_at), records=3)
    assert screen.told == [told]
