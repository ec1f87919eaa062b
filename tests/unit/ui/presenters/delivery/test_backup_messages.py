from __future__ import annotations

from datetime import timedelta

from support.clock import HandClock

from fieldkit.services.delivery.back_up import BackupStanding
from ui.presenters.delivery.backup_messages import reminder_words
from ui.presenters.messages import message

CLOCK = HandClock()
HELP = message("cadangan.reminder_help", count=3)


def test_nothing_is_said_while_nothing_is_due() -> None:
    assert reminder_words(BackupStanding(3, CLOCK.now(), is_due=False), CLOCK) == ("", "")


def test_the_reminder_names_how_old_the_last_one_is() -> None:
    assert reminder_words(BackupStanding(3, None, is_due=True), CLOCK) == (message("cadangan.none_yet"), HELP)
    old = BackupStanding(3, CLOCK.now() - timedelta(days=3), is_due=True)
    assert reminder_words(old, CLOCK) == (message("cadangan.old_days", count=3), HELP)
    ahead = BackupStanding(3, CLOCK.now() + timedelta(days=3), is_due=True)
    assert reminder_words(ahead, CLOCK)[0] == message("cadangan.none_yet")
