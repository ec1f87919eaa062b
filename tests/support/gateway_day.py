"""A day of a data center's custody, to be killed anywhere: `python -m support.gateway_day HOME`, or in `forks`.

A home holds the gateway's folder, a stick, and records that laptops will send. The day reads all objects, takes what
was lost and what is new, whole or in chunks, takes the stick, opens everything and reads all objects again. It says
each receipt when it has it, and goes on where the last one was killed.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from support.clock import true_clock
from support.gateway import Kit, enrolled_kit, open_plainly, receive
from support.lazy_blobs import HastyBlobs

from sync.gateway import blobs, database, provision
from sync.gateway.blobs import ContentDiffersError
from sync.gateway.custody import Scrub
from sync.gateway.database import Refusal
from sync.gateway.ingest import Ingest
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Opener
from sync.gateway.tables import records, statuses
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement

KIT = "kit-01"
SIZE = 30_000
SENT, LOST, CARRIED = 2, 1, 2  # records


def prepare(home: Path) -> None:
    """Make a gateway that lost one object, laptops with records, and a stick."""
    home.mkdir(parents=True)
    clock = true_clock()
    provision.init(home / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    gateway_context = provision.open_gateway(home / "gateway", clock)
    kit: Kit = enrolled_kit(home / "gateway", gateway_context, clock, KIT)
    for number in range(SENT + LOST + CARRIED):
        record_id, manifest, sealed, sha256 = kit.record(size=SIZE, nik=f"33150141079{number:05d}")
        place = home / ("stick" if number >= SENT + LOST else "laptop")
        place.mkdir(exist_ok=True)
        (place / f"{record_id}.age").write_bytes(sealed)
        (place / f"{record_id}.manifest").write_text(manifest + "\n")
        if SENT <= number < SENT + LOST:
            Ledger(gateway_context).announce(KIT, Announcement(manifests=(manifest,)))
            (home / "lost").write_text(_short(receive(gateway_context, kit, record_id, sealed)))
            provision.sealed_path(home / "gateway", sha256).unlink()
    gateway_context.engine.dispose()


def day(home: Path, say: Callable[[str], None]) -> None:
    """Do the day's work, or what is left of it."""
    gateway_context = provision.open_gateway(home / "gateway", true_clock())
    ledger, uploads = Ledger(gateway_context), Uploads(gateway_context)
    opener = Opener(gateway_context, open_plainly, NikRule())
    opener.release()
    Scrub(gateway_context).run()
    for number, manifest in enumerate(sorted((home / "laptop").glob("*.manifest"))):
        record_id, sealed = manifest.stem, manifest.with_suffix(".age").read_bytes()
        ledger.announce(KIT, Announcement(manifests=(manifest.read_text().strip(),)))
        first = sealed if number == 0 else b""  # the first comes whole with its question, the others in chunks
        sha256 = hashlib.sha256(first).hexdigest()
        offset = uploads.create(KIT, record_id, SIZE, first=first, sha256=sha256).offset
        while offset < SIZE:
            offset = uploads.append(KIT, record_id, offset, sealed[offset : offset + 12_000]).offset
        say(f"receipt {record_id} {_short(uploads.receipt(KIT, record_id))}")
    opener.run_pending()
    for record_id in (*(done := Ingest(gateway_context).run(home / "stick")).taken, *done.held):
        say(f"receipt {record_id} {_short(uploads.receipt(KIT, record_id))}")
    opener.run_pending()
    Scrub(gateway_context).run()
    gateway_context.engine.dispose()


def faults(home: Path, said: Iterable[str]) -> list[str]:
    """Name what breaks the word given in a day that was cut short; let it end, then name what is not done."""
    promised = {
        line.split()[1]: line.split()[2] for line in said if line.startswith("receipt ") and line.count(" ") == 2
    }
    gateway_context = provision.open_gateway(home / "gateway", true_clock())
    stick = {path.stem: _short(path.read_text().strip()) for path in (home / "stick").glob("*.receipt")}
    with gateway_context.engine.begin() as connection:
        given = connection.execute(sa.select(records.c.record_id, records.c.receipt).filter_by(lost_at=None)).all()
    lost = {finding.record_id for finding in Scrub(gateway_context).run().lost}
    # The receipt of before the loss was given already; as long as nobody could note the loss it is given again.
    old = (home / "lost").read_text()
    broken = {record_id for record_id, digest in (*promised.items(), *stick.items()) if digest != old} & lost
    found = [f"{record_id} was acknowledged and is not there" for record_id in broken]
    # A receipt in a row is given away to whoever asks next.
    found += [
        f"{row.record_id} has a receipt and no bytes"
        for row in given
        if row.record_id in lost and _short(row.receipt) != old
    ]
    with gateway_context.engine.begin() as connection:
        kept = {row.record_id: row.receipt for row in connection.execute(sa.select(records))}
    for record_id, digest in {**promised, **stick}.items():
        if record_id not in kept:
            found.append(f"{record_id} was acknowledged and has no row")
        elif _short(kept[record_id]) != digest:
            found.append(f"{record_id} has another receipt than the one that was given")
    gateway_context.engine.dispose()
    if found:
        return found
    try:
        day(home, lambda _: None)
    except (Refusal, OSError, ContentDiffersError) as error:
        return [f"the day does not go on: {error!r}"]
    return _undone(home)


def _undone(home: Path) -> list[str]:
    gateway_context = provision.open_gateway(home / "gateway", true_clock())
    report = Scrub(gateway_context).run()
    with gateway_context.engine.begin() as connection:
        verdicts = dict(connection.execute(sa.select(records.c.record_id, records.c.verdict)).all())
        codes = connection.execute(sa.select(statuses.c.record_id, statuses.c.code)).all()
    gateway_context.engine.dispose()
    total = SENT + LOST + CARRIED
    found = [] if list(verdicts.values()) == ["valid"] * total else [f"verdicts: {verdicts}"]
    found += (
        [] if len(codes) == len(set(codes)) == 2 * total else [f"{len(codes)} statuses, {len(set(codes))} of a kind"]
    )
    found += [f"{finding.record_id} is lost at the end" for finding in report.lost]
    return found + [f"{key} is nobody's" for key in report.unknown]


def _short(receipt: str) -> str:
    return hashlib.sha256(receipt.encode()).hexdigest()[:16]


def plant(bug: str) -> None:
    """Plant a bug by its name for as long as the process lives."""
    if bug == "receipt before bytes":
        provision.Blobs = HastyBlobs  # type: ignore[misc]  # the bug
    elif bug == "bytes are not waited for":
        blobs.os.fsync = lambda *_, **__: None  # type: ignore[assignment]  # the bug
    elif bug == "names are not waited for":
        blobs.sync_folder = blobs.sync_folder = lambda *_, **__: None  # type: ignore[assignment]  # the bug
    elif bug == "rows are not waited for":
        prepare_sqlite = database._prepare_sqlite

        def hasty(connection: object, *given: Any, **named: Any) -> None:
            prepare_sqlite(connection, *given, **named)
            connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]

        database._prepare_sqlite = hasty  # type: ignore[assignment]  # the bug


def warm(_: Path) -> None:
    """Do nothing before the forks: the object store has threads of its own, which no fork would have."""


def do(_: str, root: Path, say: Callable[[str], None]) -> None:
    """Do the day in a folder."""
    day(root / "home", say)


if __name__ == "__main__":
    plant(sys.argv[2] if len(sys.argv) > 2 else "")
    day(Path(sys.argv[1]), lambda words: print(words, flush=True))
