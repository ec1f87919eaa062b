"""What must hold of a data center, its backups and its way onward after an operator's command was killed.

Each judge returns what is wrong, one line each.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from support.center_acts import BACKUPS, HANDED, Place
from support.clock import true_clock

from fieldkit.vault.age import parse_identities
from sync.gateway import provision
from sync.gateway.blobs import Blobs
from sync.gateway.custody import Scrub
from sync.gateway.fence import moved_to
from sync.gateway.operations.backup_set import OBJECTS, Unlock, backups_in, snapshot
from sync.gateway.operations.restore import check_backup, wrong_receipts
from sync.gateway.operations.retention import Retention
from sync.gateway.tables import erasures, onward, records, statuses

Judge = Callable[[Place], list[str]]
_DAY = timedelta(days=1)


def unlock(place: Place) -> Unlock:
    return Unlock(parse_identities((place.root / "recovery.identity").read_text()))


# Backup


def backups_look_whole(place: Place) -> list[str]:
    return backups_are_whole(place, opened=False)


def backups_are_whole(place: Place, *, opened: bool = True) -> list[str]:
    found = []
    for each in backups_in(place.root / BACKUPS):
        checked = check_backup(each, unlock(place) if opened else None)
        found += [f"{each.folder.name}: {key} is damaged" for key in checked.damaged]
        found += [f"{each.folder.name}: {wrong}" for wrong in checked.wrong]
        found += [f"{each.folder.name}: missing {key}" for key in each.statement.missing]
    return found if backups_in(place.root / BACKUPS) else ["no backup is left"]


def one_backup_is_there(place: Place) -> list[str]:
    kept, top = backups_in(place.root / BACKUPS), place.root / BACKUPS
    found = backups_are_whole(place) + ([] if len(kept) == 1 else [f"{len(kept)} backups"])
    named = {listed.key for each in kept for listed in each.listed()}
    found += [f"{key} is nobody's" for key in set(Blobs.in_folder(top / OBJECTS).keys("")) - named]
    found += [f"{path} is half written" for path in (top / "backups").glob(".*")]
    rows = sum(each.statement.rows.get("records", 0) for each in kept)
    return found + ([] if rows == 3 else [f"{rows} records"])


# Restore and move


def new_one_is_whole_or_none(place: Place) -> list[str]:
    return new_one_is_whole(place) if (place.target.folder / "gateway.json").exists() else []


def new_one_is_whole(place: Place) -> list[str]:
    gateway_context = provision.open_gateway(place.target.folder, true_clock())
    scrub = Scrub(gateway_context).run()
    with snapshot(gateway_context.engine) as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(records))
        found = [
            f"receipt {each}" for each in wrong_receipts(connection, gateway_context.configuration.receipt_public_key)
        ]
    gateway_context.engine.dispose()
    found += [f"{each} at the new one" for each in (*scrub.lost, *scrub.unreadable, *scrub.unknown, *scrub.found_again)]
    return found + ([] if count == 3 else [f"{count} records at the new one"])


def restored(place: Place) -> list[str]:
    marks = list(place.target.folder.glob("restoring*"))
    return new_one_is_whole(place) + [f"{mark.name} is left" for mark in marks]


def only_one_serves(place: Place) -> list[str]:
    if not (place.target.folder / "gateway.json").exists():
        return []
    return new_one_is_whole(place) + ([] if old_one_is_fenced(place) else ["both may be served"])


def old_one_is_fenced(place: Place) -> bool:
    gateway_context = provision.open_even_moved(place.gateway, true_clock())
    try:
        return moved_to(gateway_context.engine) == str(place.target.folder)
    finally:
        gateway_context.engine.dispose()


def moved(place: Place) -> list[str]:
    left = [path.name for path in place.gateway.glob("moving*")]
    return [*restored(place), *only_one_serves(place), *(f"{name} is left" for name in left)]


# Retention


def nothing_is_stated_that_is_not_so(place: Place) -> list[str]:
    """A statement says that the bytes are gone; and what was not due is there."""
    gateway_context = provision.open_gateway(place.gateway, true_clock())
    stated = [each.record_id for each in Retention(gateway_context).erasures() if each.statement]
    with gateway_context.reading() as connection:
        rows = connection.execute(sa.select(records)).all()
    found = []
    for row in rows:
        try:
            gateway_context.blobs.size(row.key)
            found += [f"{row.record_id} is stated as erased and there"] if row.record_id in stated else []
        except FileNotFoundError:
            found += [] if row.erased_at else [f"{row.record_id} is gone and nobody decided it"]
    gateway_context.engine.dispose()
    return found


def erased_once(place: Place) -> list[str]:
    found = nothing_is_stated_that_is_not_so(place)
    gateway_context = provision.open_gateway(place.gateway, true_clock())
    with gateway_context.reading() as connection:
        said = connection.execute(sa.select(erasures)).all()
        kept = connection.scalars(sa.select(records.c.record_id).where(records.c.erased_at.is_(None))).all()
    scrub = Scrub(gateway_context).run()
    gateway_context.engine.dispose()
    found += [] if len(said) == 2 and all(row.statement for row in said) else [f"{len(said)} erasures"]
    found += [] if len(kept) == 1 else [f"{len(kept)} records stay"]
    return found + [f"{each}" for each in (*scrub.lost, *scrub.unknown)]


# The way onward


def let_time_pass(place: Place) -> None:
    """What was lent to a worker that died is lent to the next."""
    engine = sa.create_engine(f"sqlite:///{place.gateway / 'gateway.sqlite3'}")
    with engine.begin() as connection:
        before = datetime.now(UTC) - _DAY
        connection.execute(sa.update(onward).values(next_try_at=before))
        connection.execute(sa.update(onward).where(onward.c.claimed_until.is_not(None)).values(claimed_until=before))
    engine.dispose()


def ways(place: Place) -> tuple[list[Any], Counter[tuple[str, str]]]:
    engine = sa.create_engine(f"sqlite:///{place.gateway / 'gateway.sqlite3'}")
    with engine.begin() as connection:
        rows = connection.execute(sa.select(onward).where(onward.c.transaction_id.not_like("before %"))).all()
        told = connection.execute(
            sa.select(statuses.c.record_id, statuses.c.code).where(statuses.c.source == "SIAK")
        ).all()
    engine.dispose()
    return list(rows), Counter((row.record_id, row.code) for row in told)


def batches(place: Place) -> dict[str, list[str]]:
    """Return the records of each batch that has its name, also of those that were carried away."""
    found = {}
    for path in sorted(place.root.glob("*/batch-*/")):
        if not path.name.endswith(".partial"):
            said = json.loads((path / "manifest.json").read_text())
            for record in said["records"]:
                for file in record["files"]:
                    assert (path / file["name"]).stat().st_size == file["bytes"]
            assert (path / "manifest.jws").stat().st_size
            found[path.name] = [record["record_id"] for record in said["records"]]
    return found


def lent_again(place: Place) -> list[str]:
    let_time_pass(place)
    return []


def carried_away(place: Place) -> list[str]:
    """Whoever loads the batches took away what has its name."""
    (place.root / "carried").mkdir()
    for path in list((place.root / HANDED).glob("batch-*")):
        if not path.name.endswith(".partial"):
            path.rename(place.root / "carried" / path.name)
    return lent_again(place)


def handed_over_once(place: Place) -> list[str]:
    rows, told = ways(place)
    held = Counter(record for each in batches(place).values() for record in each)
    ids = {row.record_id for row in rows}
    found = [] if len(ids) == 2 and held == Counter(ids) else [f"in batches: {held} of {ids}"]
    found += [f"{row.record_id} is {row.state} {row.reason}" for row in rows if row.state != "handed_over"]
    inside = [row for row in rows if row.record_id not in batches(place).get(f"batch-{row.batch}", ())]
    found += [f"{row.record_id} is not in batch {row.batch}" for row in inside]
    return found + ([] if told == Counter({(each, "SENT_FOR_ENROLLMENT"): 1 for each in ids}) else [f"told: {told}"])


def answered_once(place: Place) -> list[str]:
    rows, told = ways(place)
    found = [f"{row.record_id} is {row.state}" for row in rows if row.state != "acknowledged"]
    codes = Counter(code for (_, code), n in told.items() for _ in range(n))
    found += [] if codes == Counter({"SENT_FOR_ENROLLMENT": 2, "RECEIVED_AT_CENTRAL": 2}) else [f"told: {codes}"]
    answers = place.root / HANDED / "answers"
    left = sorted(path.name.partition("-")[0] if path.is_dir() else path.name for path in answers.iterdir())
    read = sorted(path.suffixes[-2:] for path in (answers / "read").iterdir())
    found += [] if left == ["read"] else [f"left in answers: {left}"]
    reports = list((answers / "read").glob("*.report.csv"))
    whole = [report for report in reports if len(report.read_text().splitlines()) == 5]
    return found + ([] if len(read) == 2 and len(whole) == 1 else [f"read: {read}, {len(whole)} whole reports"])
