from __future__ import annotations

import pytest

from fieldkit.app.bootstrap.messenger import LaptopMessenger
from fieldkit.domain.errors import TransferError
from fieldkit.domain.notices import NoticeSettings


def test_all_ways_lead_to_the_sender() -> None:
    messenger = LaptopMessenger()
    assert messenger.qr("https://wa.me/62812").startswith(b"\x89PNG")
    with pytest.raises(TransferError, match=r"told\.not_encrypted"):
        messenger.post(NoticeSettings(webhook="http://contoh.test/"), "0812", "R-1", "x")
    with pytest.raises(TransferError, match=r"told\.unreachable"):
        messenger.mail(NoticeSettings(smtp_host="127.0.0.1", smtp_port=9, sender="a@b.test"), "c@d.test", "R-1", "x")
