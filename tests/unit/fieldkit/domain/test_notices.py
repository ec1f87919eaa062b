from __future__ import annotations

import pytest

from fieldkit.domain.notices import BY_PROGRAM, Channel, NoticeSettings, share_link


@pytest.mark.parametrize("phone", ["0812 3456-7890", "+62 812 3456 7890", "81234567890", "006281234567890"])
def test_link_opens_whatsapp_for_a_mobile_number_however_it_is_written(phone: str) -> None:
    assert share_link(phone, "Permohonan R-1 & lengkap") == (
        "https://wa.me/6281234567890?text=Permohonan%20R-1%20%26%20lengkap"
    )


@pytest.mark.parametrize("phone", ["", "0812", "(0292) 421118", "+65 8123 4567 8901", "0812345678901234"])
def test_no_mobile_number_gives_no_link(phone: str) -> None:
    assert share_link(phone, "x") == ""


@pytest.mark.parametrize(
    ("settings", "channels"),
    [
        (NoticeSettings(), set()),
        (NoticeSettings(smtp_host="surel.contoh.test"), set()),
        (NoticeSettings(sender="loket@contoh.test"), set()),
        (NoticeSettings(smtp_host="surel.contoh.test", sender="loket@contoh.test"), {Channel.EMAIL}),
    ],
)
def test_channels_are_those_that_are_set_up(settings: NoticeSettings, channels: set[Channel]) -> None:
    assert settings.channels == channels


def test_program_sends_by_email_alone() -> None:
    assert {Channel.EMAIL} == BY_PROGRAM
