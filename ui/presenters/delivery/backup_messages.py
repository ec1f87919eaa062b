"""When the last backup was made, in words that ask for the next one."""

from __future__ import annotations

from fieldkit.ports.clock import Clock
from fieldkit.services.delivery.back_up import BackupStanding
from ui.presenters.amounts import age_words
from ui.presenters.messages import Message, message


def reminder_words(backup: BackupStanding, clock: Clock) -> tuple[Message, Message]:
    """Return what is missing and what helps, both "" while nothing is due."""
    if not backup.is_due:
        return "", ""
    help_words = message("cadangan.reminder_help", count=backup.unsent)
    if backup.last_at is None or backup.last_at > clock.now():
        return message("cadangan.none_yet"), help_words
    age = age_words(clock.now() - backup.last_at)
    return message(f"cadangan.old_{age.unit}", count=age.count), help_words
