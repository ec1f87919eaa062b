from __future__ import annotations

import pytest

from fieldkit.domain.notices import Channel, NoticeSettings, share_link


@pytest.mark.parametrize("phone", ["0812 3456-7890", "+62 812 3456 7890", "81234567890", "006281234567890"])
def test_link_opens_whatsapp_for_a_mobile_number_however_it_is_written(phone: str) -> None:
    assert share_link(phone, "Permohonan R-1 & lengkap") == (
        "https://wa.me/6281234567890?text=Permohonan%20R-1%20%26%20lengkap"
    )


@pytest.mark.parametrize("phone", ["", "0812", "(0292) 421118", "+65 8123 4567 8901", "0812345678901234"])
def test_no_mobile_number_gives_no_link(phone: str) -> None:
    assert share_link(phone, "x") == ""


def test_channels_are_those_that_are_set_up() -> None:
    assert NoticeSettings().channels == frozenset()
    assert NoticeSettings(smtp_host="surel.contoh.test").channels == frozenset()
    whole = NoticeSettings(smtp_host="surel.contoh.test", sender="loket@contoh.test", webhook="https://wa.contoh.test")
    assert whole.channels == {Channel.EMAIL, Channel.WEBHOOK}
