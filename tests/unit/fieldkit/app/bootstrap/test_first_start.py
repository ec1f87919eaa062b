from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
import segno
from support.homes import ADMIN, FAST, PASSPHRASE, PIN, Office, office, opened

from fieldkit.app.bootstrap.enrolment import HomeFirstStart, is_new
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError, TransferError
from fieldkit.domain.people import NO_SLIP, Slip
from fieldkit.ports.first_start import Begun, NewAdmin, Step
from ui.presenters.tasks import CancelFlag

__all__ = ["office"]
NEW = NewAdmin(ADMIN.user_id, ADMIN.name, PASSPHRASE, PIN)
SLIP = Slip("https://pusat.test", "ABCD-EFGH-IJKL-MNOP-QRST", ":".join(["0A"] * 32), "K01", "ani")


def qr(slip: Slip) -> bytes:
    content = io.BytesIO()
    segno.make(slip.line, error="m", micro=False).save(content, kind="png", scale=5)
    return content.getvalue()


class Frames:
    def __init__(self) -> None:
        self.seen = 0

    def offer(self, jpeg: bytes) -> None:
        self.seen += 1


def test_what_was_begun_survives_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "kit")
    home.path.mkdir(mode=0o755)
    assert is_new(home)
    assert HomeFirstStart(home).left() == Begun()
    begun = Begun(Step.ADMIN, "en", SLIP, "ani", "Ani Wijaya")
    HomeFirstStart(home).keep(begun)
    assert HomeFirstStart(home).left() == begun
    assert home.path.stat().st_mode & 0o777 == 0o700
    (kept,) = home.path.glob("first_start*")
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text('{"step": "never"}')
    assert HomeFirstStart(home).left() == Begun()
    home.forget_first_start()
    assert not kept.exists()


@pytest.mark.days
def test_a_laptop_becomes_a_kit_and_nothing_of_the_start_is_left(office: Office, tmp_path: Path) -> None:
    home, slip = Home(tmp_path / "kit"), office.slip("K31")
    first = HomeFirstStart(home, FAST)
    first.keep(Begun(Step.ADMIN, "id", slip, ADMIN.user_id))
    first.find(slip)
    with pytest.raises(TransferError, match=r"sync\.enrol_code_wrong"):
        first.enrol(replace(slip, code="AAAA-AAAA"), NEW)
    assert is_new(home)
    first.enrol(slip, replace(NEW, wants_code=True))
    assert not is_new(home)
    assert home.read_public().offers_code == ADMIN.user_id
    with opened(home, ADMIN) as context:
        assert (context.user, context.kit_id) == (ADMIN, "K31")
    assert not list(home.path.glob("first_start*"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ca_fingerprint": "00" * 32}, "sync.ca_fingerprint"),
        ({"url": "https://127.0.0.1:9"}, "sync.unreachable"),
    ],
)
def test_the_office_is_known_before_anything_secret_is_typed(
    office: Office, tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    slip = replace(Slip(office.url, "AAAA", "00"), **changes)
    with pytest.raises(TransferError) as caught:
        HomeFirstStart(Home(tmp_path)).find(slip)
    assert caught.value.code == code


def test_a_kit_whose_slots_are_lost_is_no_new_laptop(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.database.write_bytes(b"sealed")
    assert not is_new(home)
    (tmp_path / "enrolment.pending").write_bytes(b"waits")
    assert is_new(home)  # an enrolment was cut off between store and slots


def test_a_slip_is_read_from_a_line_a_text_and_a_picture(tmp_path: Path) -> None:
    first = HomeFirstStart(Home(tmp_path))
    (tmp_path / "slip.txt").write_text(SLIP.line)
    (tmp_path / "slip.png").write_bytes(qr(SLIP))
    for text in (SLIP.line, str(tmp_path / "slip.txt"), str(tmp_path / "slip.png")):
        assert first.read(text) == SLIP
    (tmp_path / "letter.txt").write_text("surat biasa")
    for text, code in (
        (str(tmp_path / "letter.txt"), "awal.no_slip_there"),
        (str(tmp_path / "gone"), "cli.unreadable"),
    ):
        with pytest.raises(InputError) as caught:
            first.read(text)
        assert caught.value.code == code


def test_the_camera_reads_the_code(tmp_path: Path) -> None:
    (tmp_path / "slip.png").write_bytes(qr(SLIP))
    (tmp_path / "devices.toml").write_text(f'[opencv]\naddresses = ["{tmp_path / "slip.png"}"]\nsearch = false\n')
    frames = Frames()
    assert HomeFirstStart(Home(tmp_path)).scan(frames, CancelFlag()) == SLIP
    assert frames.seen


def test_a_passphrase_is_judged_as_the_slots_do(tmp_path: Path) -> None:
    first = HomeFirstStart(Home(tmp_path))
    assert first.strength("", ()).score == 0
    weak, strong = first.strength("password1", ()), first.strength(PASSPHRASE, ("Ani",))
    assert weak.problem is not None
    assert (strong.problem, strong.score >= 3) == (None, True)
    assert NO_SLIP.line.strip() == ""
