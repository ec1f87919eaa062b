"""What a kit does that a kill and a power cut must not break: from which site it starts, how it is done, how judged.

An act says each thing that a person would hear. Its judge goes on as a person would: signs in, does it again where it
was not done, and names what is wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlcipher3 import dbapi2
from support.homes import ADMIN, FAST, PASSPHRASE, Nobody, new, opened
from support.kits import Told, newest_backup
from support.room import PETUGAS, hand
from support.samples import captured
from support.sites import NEW_KIT, OLDER, Site
from support.sound_kit import WrongError, demand, demand_all, demand_at_center, entries_of, send_everything, sound

from fieldkit.app.bootstrap.enrolment import enrol_kit
from fieldkit.app.bootstrap.rescue import REPORT, readmit_kit, recover_kit, rescue
from fieldkit.app.bootstrap.restore import restore
from fieldkit.app.bootstrap.stick_backups import backups_on, verify_backup
from fieldkit.app.bootstrap.store_key import rotate_key
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.media.place import Place
from fieldkit.services.context.app_context import AppContext
from fieldkit.storage.copies import Copies, faults
from fieldkit.storage.engine import one_connection
from fieldkit.storage.migrate import SHIPPED
from fieldkit.vault.keyslots import KeySlotFile
from sync.gateway.tables import kits

Say = Callable[[str], None]
Said = list[str]
FORGOTTEN = "kunci lemari besi"
DONE = "done"
_STEP = StepKind.PHOTO


@dataclass(frozen=True)
class Act:
    """`judge` gets the site after the act, the one from before and what was said; it raises when something is wrong."""

    start: str
    do: Callable[[Site, Say], None]
    judge: Callable[[Site, Site, Said], None]

    def wrong(self, site: Site, before: Site, said: Said) -> str:
        """Return what is wrong, "" when nothing is."""
        try:
            self.judge(site, before, said)
        except WrongError as error:
            return str(error)
        except KnownError as error:
            return f"refused: {error!r} {error.problem.params}"
        except dbapi2.DatabaseError as error:
            return f"the store cannot be read: {error}"
        return ""


# --- recording


def accept(site: Site, say: Say) -> None:
    with opened(site.home) as context:
        photograph(context, site.session("begun"), say)


def photograph(context: AppContext, session_id: str, say: Say) -> None:
    asked = CAPTURED_AT[_STEP]
    result = captured(dict.fromkeys(asked, 80))
    context.recording.keep_attempt(session_id, _STEP, "Device 1", asked, result)
    say("attempt")
    context.recording.accept(session_id, _STEP)
    say(DONE)


def accepted(site: Site, before: Site, said: Said) -> None:
    with sound(site) as context:
        demand_all(context, before)
        session = context.recording.find(site.session("begun"))
        step = session.step(_STEP)
        demand(step.attempts or "attempt" not in said, "an attempt is gone")
        demand(step.is_closed or DONE not in said, "an accepted step is open")
        for attempt in step.attempts:
            for ref in attempt.samples:
                content = context.recording.sample(ref.sample_id).data
                demand(hashlib.sha256(content).hexdigest() == ref.sha256, "a sample is not what it was")
        finish(context, session.session_id)
    with sound(site) as context:
        demand(session.session_id in entries_of(context), "it cannot be sealed")


def finish(context: AppContext, session_id: str) -> None:
    """Capture what is missing, let sign whoever has not, and seal."""
    for kind in CAPTURED_AT:
        step = context.recording.find(session_id).step(kind)
        if step.wanted and not step.attempts:
            result = captured(dict.fromkeys(step.wanted, 80))
            context.recording.keep_attempt(session_id, kind, "Device 1", step.wanted, result)
        if not step.is_closed:
            context.recording.accept(session_id, kind)
    for wanted, _ in context.recording.inks_open(session_id):
        context.recording.take_ink(session_id, wanted, hand(1), "Pad 1")
    context.recording.verify_indexes(session_id)
    context.recording.review(session_id)
    context.sealing.seal(session_id)


def sign_exception(site: Site, say: Say) -> None:
    with opened(site.home) as context:
        session_id, little, why = site.session("begun"), [Position.RIGHT_LITTLE], ExceptionReason.BANDAGED
        context.recording.mark_exceptions(session_id, StepKind.RIGHT_FOUR, little, why, "Pak RT")
        say("exception")
        for wanted, _ in context.recording.inks_open(session_id):
            context.recording.take_ink(session_id, wanted, hand(1), "Pad 1")
        say(DONE)


def exception_signed(site: Site, before: Site, said: Said) -> None:
    session_id = site.session("begun")
    with sound(site) as context:
        demand_all(context, before)
        session = context.recording.find(session_id)
        demand(session.exceptions or "exception" not in said, "an exception is gone")
        demand(session.inks or DONE not in said, "the ink of a witness is gone")
        for ink in session.inks:
            strokes = context.recording.sample(ink.sample_id).data
            demand(hashlib.sha256(strokes).hexdigest() == ink.sha256, "ink is not what it was")
        finish(context, session_id)
    with sound(site) as context:
        demand(session_id in entries_of(context), "it cannot be sealed")


def seal(site: Site, say: Say) -> None:
    with opened(site.home) as context:
        context.sealing.seal(site.session("reviewed"))
        say(DONE)


def sealed(site: Site, before: Site, said: Said) -> None:
    session_id = site.session("reviewed")
    with sound(site) as context:
        is_there = session_id in entries_of(context)
        demand(is_there or DONE not in said, "a sealed record is gone")
        is_open = session_id in {session.session_id for session in context.left_open}
        demand(is_there != is_open, "sealed and open, or neither")
        if not is_there:
            context.sealing.seal(session_id)
    with sound(site) as context:
        demand(len(entries_of(context)) == len(before.sealed()) + 1, "a record is missing, or there twice")
        demand(site.sealed().items() >= before.sealed().items(), "an older record changed")
        send_everything(context)
        demand_at_center(site, context)


# --- delivery


def send(site: Site, say: Say) -> None:
    with opened(site.home) as context:
        for record_id in context.delivery.send(Nobody(), Nobody()).acknowledged:
            say(f"acknowledged {record_id}")
        say(DONE)


def sent(site: Site, before: Site, said: Said) -> None:
    with sound(site) as context:
        demand_all(context, before)
        demand_at_center(site, context)
        states = {entry.record.record_id: entry.state for entry in context.delivery.queue().entries}
        for words in said:
            is_so = words == DONE or states[words.split()[1]] is DeliveryState.ACKNOWLEDGED
            demand(is_so, "a receipt is gone")
        send_everything(context)
        demand_at_center(site, context)
    demand(site.sealed() == before.sealed(), "a sealed file changed")


def purge(site: Site, say: Say) -> None:
    with opened(site.home) as context:
        context.delivery.send(Nobody(), Nobody())
        say(DONE)


def purged(site: Site, before: Site, said: Said) -> None:
    with sound(site) as context:
        demand(len(entries_of(context)) == len(before.sealed()), "a row is gone")
        demand_at_center(site, context)
        send_everything(context)
        demand(set(entries_of(context).values()) == {DeliveryState.PURGED}, "what is proven cannot be erased")
    with sound(site):  # what a killed purge left goes at the next start
        demand(site.sealed() == {}, "an erased record is still there")
        demand(site.stated() == {name.removesuffix(".age") for name in before.sealed()}, "a manifest is gone")


# --- sticks


def back_up(site: Site, say: Say) -> None:
    with opened(site.home) as context:
        context.backups.make(str(site.stick), Told(), Told())
        say(DONE)


def backed_up(site: Site, before: Site, said: Said) -> None:
    found, older = backups_on(Place(site.stick)), backups_on(Place(before.stick))
    demand({path.name for path in older} <= {path.name for path in found}, "the backup of before is gone")
    demand(len(found) > len(older) or DONE not in said, "the backup is gone")
    for folder in found:
        verify_backup(folder)
    with sound(site) as context:
        demand_all(context, before)
        context.backups.make(str(site.stick), Told(), Told())
    demand(not list(site.stick.rglob("*.part")), "a half backup was left")


def put_back(site: Site, say: Say) -> None:
    restore(*newest_backup(site.stick, site.home))
    say(DONE)


def was_put_back(site: Site, before: Site, said: Said) -> None:
    """See the old kit, the restored one or, where there was none, an empty laptop; never another."""
    demand(site.sealed().items() >= before.sealed().items(), "a sealed file is gone")
    if before.home.is_enrolled or DONE in said:
        with sound(site) as context:
            demand(context.delivery.queue().entries, "the queue is empty")
    restore(*newest_backup(site.stick, site.home))
    with sound(site) as context:
        demand(not list(site.home.path.glob("restoring*")), "half of a restore was left")
        wanted = len(before.sealed()) or 1
        demand(len(entries_of(context)) == wanted, "a record is missing, or there twice")
        send_everything(context)
        demand_at_center(site, context)


def carry_off(site: Site, say: Say) -> None:
    rescue(site.home, site.stick, site.home.clock())
    say(DONE)


def carried_off(site: Site, before: Site, said: Said) -> None:
    wanted, folders = before.sealed(), list(site.stick.glob("fieldkit/*/rescue-*"))
    demand(folders or DONE not in said, "the rescue is gone")
    for folder in folders:
        there = {path.name: path.read_bytes() for path in folder.glob("*.age")}
        demand(there.items() <= wanted.items(), "a half file has the name of a whole one")
        demand(there == wanted or not (folder / REPORT).exists(), "a report speaks of what is not there")
        demand((folder / REPORT).exists() or DONE not in said, "the report is gone")
    done = rescue(site.home, site.stick, site.home.clock())
    there = {path.name: path.read_bytes() for path in done.folder.path.glob("*.age")}
    demand(there == wanted and not list(done.folder.path.rglob("*.part")), "the second rescue is not whole")
    demand(site.sealed() == wanted, "the home changed")


# --- keys and people


def enrol(site: Site, say: Say) -> None:
    enrol_kit(site.home, site.slip, new(ADMIN), FAST)
    say(DONE)


def enrolled(site: Site, before: Site, said: Said) -> None:
    demand(site.home.is_enrolled or DONE not in said, "the kit is gone")
    settings = enrol_kit(site.home, site.slip, new(ADMIN), FAST)
    demand(settings.kit_id == NEW_KIT, "another kit")
    with sound(site, ADMIN) as context:
        send_everything(context)
    demand(not list(site.home.path.glob("*pending*")), "keys were left")
    with site.gateway_context() as gateway_context, gateway_context.engine.begin() as connection:
        demand(connection.scalar(sa.select(sa.func.count()).select_from(kits)) == 1, "two kits of one slip")


def change_key(site: Site, say: Say) -> None:
    rotate_key(site.home, ADMIN.user_id, PASSPHRASE)
    say(DONE)


def key_changed(site: Site, before: Site, said: Said) -> None:
    for user in (PETUGAS, ADMIN):
        with sound(site, user) as context:
            demand_all(context, before)
    slots = KeySlotFile.open(site.home.slots)
    demand(not slots.is_changing, "the change does not end")
    demand(not list(site.home.path.glob("kit.db.next*")), "a store was left")
    key = slots.unlock(PETUGAS.user_id, PASSPHRASE, site.home.clock().now()).db_key
    old = KeySlotFile.open(before.home.slots).unlock(PETUGAS.user_id, PASSPHRASE, site.home.clock().now()).db_key
    demand(key != old or DONE not in said, "the key is the old one")


def forget(site: Site, say: Say) -> None:
    recover_kit(site.home, site.recovery, site.slip, new(ADMIN, FORGOTTEN), FAST)
    say(DONE)


def recovered(site: Site, before: Site, said: Said) -> None:
    with sound(site) as context:
        demand_all(context, before)
    recover_kit(site.home, site.recovery, site.slip, new(ADMIN, FORGOTTEN), FAST)
    _is_let_in(site, FORGOTTEN)


def readmit(site: Site, say: Say) -> None:
    readmit_kit(site.home, site.slip, ADMIN.user_id, PASSPHRASE)
    say(DONE)


def readmitted(site: Site, before: Site, said: Said) -> None:
    with sound(site) as context:
        demand_all(context, before)
    readmit_kit(site.home, site.slip, ADMIN.user_id, PASSPHRASE)
    _is_let_in(site, PASSPHRASE)


def _is_let_in(site: Site, passphrase: str) -> None:
    with sound(site, ADMIN, passphrase) as context:
        send_everything(context)
        demand_at_center(site, context)
    with sound(site) as context:
        context.sealing.seal(site.session("reviewed"))
        send_everything(context)
    demand(not list(site.home.path.glob("*pending*")), "keys were left")


# --- the store


def migrate(site: Site, say: Say) -> None:
    with opened(site.home):
        say(DONE)


def migrated(site: Site, before: Site, said: Said) -> None:
    home = site.home
    key = KeySlotFile.open(home.slots).unlock(PETUGAS.user_id, PASSPHRASE, home.clock().now()).db_key
    revision = _revision_of(home.database, key)
    demand(revision in (OLDER, SHIPPED.head), f"half of a migration: {revision}")
    demand(revision == SHIPPED.head or DONE not in said, "the migration is gone")
    with sound(site) as context:
        demand_all(context, before)
    whole = [copy for copy in Copies(home.copies).all() if not faults(copy, key)]
    demand(any(_revision_of(copy, key) == OLDER for copy in whole), "no copy of before the migration")


def _revision_of(path: Path, key: bytes) -> str:
    with one_connection(path, key, is_read_only=True) as store:
        return str(store.execute("SELECT version_num FROM alembic_version").fetchone()[0])


ACTS = {
    "accept": Act("field", accept, accepted),
    "sign an exception": Act("field", sign_exception, exception_signed),
    "seal": Act("field", seal, sealed),
    "send": Act("field", send, sent),
    "purge": Act("acknowledged", purge, purged),
    "backup": Act("field", back_up, backed_up),
    "restore": Act("field", put_back, was_put_back),
    "restore on an empty laptop": Act("empty laptop", put_back, was_put_back),
    "rescue": Act("field", carry_off, carried_off),
    "enrol": Act("new kit", enrol, enrolled),
    "change the key": Act("field", change_key, key_changed),
    "recover": Act("forgotten", forget, recovered),
    "readmit": Act("revoked", readmit, readmitted),
    "migrate": Act("older", migrate, migrated),
}


# --- in forks of one process


def warm(root: Path) -> None:
    """Import what is imported on demand, and compile what is asked of a store."""
    import alembic.command  # noqa: F401
    import support.kit_bugs  # noqa: F401

    for act in ("seal", "send"):
        do(act, root, lambda _: None)


def do(act: str, root: Path, say: Say) -> None:
    """Do an act on the site in a folder."""
    ACTS[act].do(Site(root), say)


def plant(bug: str) -> None:
    """Plant a bug for as long as the process lives."""
    from support import kit_bugs

    kit_bugs.plant(bug)
