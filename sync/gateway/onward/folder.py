"""Hand-over through a folder, for whoever loads records into the official client.

`batch-000001/` holds a folder per record (OSIA JSON, ANSI/NIST, ISO samples) and `manifest.json` with all digests,
which `manifest.jws` signs where the receipt key is. A batch gets its name when it is whole and on the disk; no number
and no transaction is given twice, also when batches are carried away: `.numbers/` keeps what was in them.
Acknowledgement files are laid into `answers/`; what was read moves to `answers/read/`, with a report beside it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import entry_points
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from fieldkit.domain.cards.card import without_niks
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import Answer, HandOver, Onward, OnwardState, Outcome
from fieldkit.ports.vault import Signer
from fieldkit.vault.durable import sync_folder, write_durably
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.onward.osia import Access, OsiaAbis, OsiaClient, OsiaEnrollment, decided
from sync.gateway.onward.queue import OnwardQueue
from sync.gateway.tables import onward, records

# Acknowledgement files of whoever loads records into the official system: CSV or JSON, in either language.
#
# A line names the record (its id, its transaction id or the number that the official system gave), says whether it was
# accepted, and may say why not, the official number and the central status in the words of that system.

_NAMES = {
    "number": ("record_id", "number", "nomor_rekaman", "rekaman", "nomor", "transaction_id"),
    "result": ("result", "accepted", "hasil", "diterima"),
    "reason": ("reason", "alasan", "keterangan"),
    "external_id": ("external_id", "registration_number", "nomor_resmi", "nomor_registrasi"),
    "code": ("status", "code", "kode"),
}
_WORDS = {
    **dict.fromkeys(("accepted", "diterima", "ya", "yes", "true", "1", "ok"), OnwardState.ACKNOWLEDGED),
    **dict.fromkeys(("rejected", "ditolak", "tidak", "no", "false", "0"), OnwardState.REJECTED),
}
_MOST_LINES = 200_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: an answer, or why it cannot be one ("onward.no_number", "onward.no_result")."""

    place: int
    number: str
    answer: Answer | None
    fault: str = ""


def read_acknowledgements(name: str, content: bytes) -> tuple[Line, ...]:
    """Return the lines of a file. Raise `InputError` `onward.answers_unreadable` for what is neither."""
    try:
        text = content.decode("utf-8-sig")
        rows = _json_rows(text) if name.lower().endswith(".json") else _csv_rows(text)
        return tuple(_line(place, row) for place, row in rows)
    except (ValueError, csv.Error, RecursionError) as error:
        raise InputError("onward.answers_unreadable", file=name) from error


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=head.count))
    names = [_column(cell) for cell in next(reader, [])]
    if "number" not in names:
        raise ValueError("no column with the record's number")
    for cells in reader:
        if reader.line_num > _MOST_LINES:
            raise ValueError("too many lines")
        if any(cell.strip() for cell in cells):
            yield reader.line_num, _row(zip(names, cells, strict=False))


def _json_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    said = json.loads(text)
    rows = said.get("records") if isinstance(said, dict) else said
    if not isinstance(rows, list) or len(rows) > _MOST_LINES or not all(isinstance(row, dict) for row in rows):
        raise ValueError("a list of records is wanted")
    for place, row in enumerate(rows, 1):
        yield place, _row((_column(str(name)), value) for name, value in row.items())


def _row(cells: Iterable[tuple[str, Any]]) -> Mapping[str, Any]:
    """Return what a line says by our names; of two columns with one name the first that is filled counts."""
    row: dict[str, Any] = {}
    for name, value in cells:
        if row.get(name) in (None, ""):
            row[name] = value
    return row


def _column(heading: str) -> str:
    plain = "_".join(heading.strip().lower().replace("-", " ").split())
    return next((name for name, headings in _NAMES.items() if plain in headings), plain)


def _line(place: int, row: Mapping[str, Any]) -> Line:
    told = {name: _text(row.get(name)) for name in _NAMES}
    state = _WORDS.get(told["result"].lower())
    if not told["number"]:
        return Line(place, "", None, "onward.no_number")
    if state is None:
        return Line(place, told["number"], None, "onward.no_result")
    outcome = Outcome(state, told["reason"], told["external_id"], told["code"])
    return Line(place, told["number"], Answer(told["number"], outcome))


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


# Where an ABIS sends what it found later: the callback of `identifyFromId` (OSIA ABIS, `abis.yaml`).
#
# The transaction id is 122 random bits that only the ABIS was told: who names it may answer it, and nothing else.

PATH = "/onward/answers"


def callback_router(context: GatewayContext) -> APIRouter:
    """Return the route: 204 taken, 403 no such transaction, 400 what cannot be read."""
    router = APIRouter()

    @router.post(PATH, status_code=204)
    async def answered(request: Request, transactionId: str = "") -> Response:  # noqa: N803 - the interface's name
        is_error = request.headers.get("Content-Type", "").startswith("application/error+json")
        await run_in_threadpool(_settle, context, transactionId, await request.body(), is_error)
        return Response(status_code=204)

    return router


def _settle(context: GatewayContext, transaction_id: str, body: bytes, is_error: bool) -> None:
    query = (
        sa.select(records.c.nik_mac, records.c.record_id, onward.c.target)
        .join(onward, sa.and_(onward.c.kit == records.c.kit, onward.c.record_id == records.c.record_id))
        .where(onward.c.transaction_id == transaction_id.replace("\0", ""))
    )
    with context.reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise Refusal(403, "onward.unknown")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "onward.answer") from error
    outcome = decided(said, row.nik_mac or row.record_id)
    if is_error:
        told = said if isinstance(said, dict) else {}
        outcome = Outcome(OnwardState.FAILED, f"{told.get('code', '')} {told.get('message', '')}".strip())
    if outcome.state is OnwardState.WAITING:
        raise Refusal(400, "onward.answer")
    OnwardQueue(context, row.target, Random()).answer(Answer(transaction_id, outcome))


HAND_OVER_TYP = "fieldkit-hand-over+jws"
_NUMBER = re.compile(r"(?:batch-)?([0-9]{6,})(?:\.partial)?")
_MANIFEST, _SIGNATURE = "manifest.json", "manifest.jws"
_GIVEN = ".numbers"
_ANSWERS, _READ = "answers", "read"
_MOST_BYTES = 64 * 1024 * 1024
_QUIET_S = 2.0  # a file that was written later may still be growing
_ABANDONED_S = 24 * 3600.0


class FolderHandOver:
    """Implements the port `Onward`. Several workers may write into one folder."""

    def __init__(self, folder: Path, name: str, clock: Clock, signer: Signer | None, batch_size: int = 50) -> None:
        self._folder = folder
        self._name = name
        self._clock = clock
        self._signer = signer
        self._batch_size = batch_size

    @property
    def name(self) -> str:
        """Who loads it."""
        return self._name

    @property
    def batch_size(self) -> int:
        """Return how many records a batch holds at most."""
        return self._batch_size

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        """Write a batch; a record that an earlier batch holds is not written again. Raise `OSError`."""
        _make_private(self._folder)
        before = self._batches_of({record.transaction_id for record in records if record.is_again})
        new = [record for record in records if record.transaction_id not in before]
        faults: dict[str, str] = {}
        batch = self._write(new, faults) if new else ""
        outcomes = []
        for record in records:
            fault = faults.get(record.transaction_id)
            held = before.get(record.transaction_id, batch)
            done = Outcome(OnwardState.HANDED_OVER, batch=held)
            outcomes.append(Outcome(OnwardState.FAILED, fault) if fault else done)
        return outcomes

    def collect(self, settle: Callable[[Answer], str]) -> None:
        """Read the files of `answers/` that nobody writes any more. Raise `OSError`."""
        answers = self._folder / _ANSWERS
        _make_private(answers / _READ)
        self._sweep()
        for path in sorted(answers.iterdir()):
            if path.suffix.lower() in (".csv", ".json") and not path.is_symlink() and path.is_file():
                self._read(path, settle)

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def _write(self, records: Sequence[HandOver], faults: dict[str, str]) -> str:
        number, place = self._new_batch()
        try:
            told = []
            for record in records:
                try:
                    files = {"enrollment.json": record.enrollment, **record.others()}
                except KnownError as error:
                    faults[record.transaction_id] = error.code
                    continue
                told.append(_told(record, files))
                for name, content in files.items():
                    _write_private(place / record.record_id / name, content)
            if not told:
                self._give_up(place)
                return ""
            manifest = {"version": 1, "batch": number, "made_at": self._clock.now().isoformat(), "records": told}
            content = json.dumps(manifest, indent=2).encode() + b"\n"
            digest = hashlib.sha256(content).hexdigest()
            _write_private(place / _MANIFEST, content)
            if self._signer is not None:
                signed = self._signer.sign({"batch": number, "sha256": digest}, HAND_OVER_TYP)
                _write_private(place / _SIGNATURE, signed.encode())
            for folder in (*(path for path in place.rglob("*") if path.is_dir()), place):
                sync_folder(folder)
            # Before the name: whoever sees the batch may carry it away, and nobody else knows what was in it.
            write_durably(
                self._folder / _GIVEN / number, json.dumps([each["transaction_id"] for each in told]).encode()
            )
            place.rename(self._folder / f"batch-{number}")
            sync_folder(self._folder)
        except BaseException:
            self._give_up(place)
            raise
        return number

    def _give_up(self, place: Path) -> None:
        """Remove half a batch; its number stays given, and holds nothing."""
        found = _NUMBER.fullmatch(place.name)
        if found and place.exists():
            kept = self._folder / _GIVEN / found[1]
            with suppress(OSError):
                if kept.exists():
                    write_durably(kept, b"")
                shutil.rmtree(place)

    def _new_batch(self) -> tuple[str, Path]:
        """Take the next number, which a file keeps for good; two workers never get the same one."""
        given = self._folder / _GIVEN
        _make_private(given)
        while True:
            names = [path.name for folder in (self._folder, given) for path in folder.iterdir()]
            taken = [int(found[1]) for found in map(_NUMBER.fullmatch, names) if found]
            number = f"{max(taken, default=0) + 1:06d}"
            with suppress(FileExistsError):
                _write_private(given / number, b"")
                sync_folder(given)
                place = self._folder / f"batch-{number}.partial"
                place.mkdir(mode=0o700)
                return number, place

    def _batches_of(self, transactions: set[str]) -> dict[str, str]:
        """Return the batch of each transaction that an earlier try brought into the folder, also if it left since."""
        found: dict[str, str] = {}
        for path in sorted((self._folder / _GIVEN).glob("[0-9]*[0-9]")) if transactions else ():
            if (self._folder / f"batch-{path.name}.partial").exists():
                continue  # whoever wrote it died before it had its name
            with suppress(OSError, ValueError):
                found |= dict.fromkeys(transactions.intersection(json.loads(path.read_bytes())), path.name)
        return found

    def _sweep(self) -> None:
        """Remove what a dead worker left half written."""
        for path in self._folder.glob("batch-*.partial"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ABANDONED_S:
                    self._give_up(path)

    def _read(self, path: Path, settle: Callable[[Answer], str]) -> None:
        before = path.stat()
        if time.time() - before.st_mtime < _QUIET_S:
            return
        report: list[tuple[object, ...]] = []
        try:
            if before.st_size > _MOST_BYTES:
                raise InputError("onward.answers_unreadable", file=path.name)
            lines = read_acknowledgements(path.name, path.read_bytes())
            # The last word on a record counts: read again, a file must not take back what it ends with.
            last = {line.number: line.place for line in lines if line.answer is not None}
            for line in lines:
                if line.answer is None:
                    fault = line.fault
                else:
                    fault = settle(line.answer) if last[line.number] == line.place else "onward.said_later"
                report.append((line.place, without_niks(line.number), fault or "ok"))
        except InputError as error:
            report.append((0, "", error.code))
        now = path.stat()
        if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            return  # it grew: the next round reads all of it, and what was said twice counts once
        # By the file itself: the report of one who died right after it is written again, not a second one.
        at, mark = datetime.fromtimestamp(now.st_mtime, UTC), f"{now.st_mtime_ns:x}{now.st_size:x}"
        target = path.parent / _READ / f"{at:%Y%m%dT%H%M%S}-{mark}-{path.name}"
        table = io.StringIO(newline="")
        csv.writer(table).writerows([("line", "number", "outcome"), *report])
        write_durably(target.with_name(f"{target.name}.report.csv"), table.getvalue().encode())
        path.replace(target)
        sync_folder(path.parent)


def _told(record: HandOver, files: Mapping[str, bytes]) -> Mapping[str, object]:
    return {
        "record_id": record.record_id,
        "kit": record.kit,
        "transaction_id": record.transaction_id,
        "files": [
            {"name": f"{record.record_id}/{name}", "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        ],
    }


def _make_private(folder: Path) -> None:
    for place in reversed([folder, *_missing(folder.parent)]):
        place.mkdir(mode=0o700, exist_ok=True)


def _missing(folder: Path) -> Iterator[Path]:
    while not folder.exists():
        yield folder
        folder = folder.parent


def _write_private(path: Path, content: bytes) -> None:
    _make_private(path.parent)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


# Which adapter a destination names: `folder:/path`, `osia:https://…`, `abis:https://…`, or a dinas' entry point.

GROUP = "fieldkit.onward"
_ALONE = Access()


@dataclass(frozen=True, slots=True)
class Destination:
    """Where records go and what an adapter needs for it; `name` is the source of the statuses, "" its own choice."""

    to: str
    name: str
    clock: Clock
    signer: Signer | None  # of manifests, None where its key is not
    access: Access = _ALONE
    gallery: str = "ALL"  # in which an ABIS searches
    callback: str = ""  # where an ABIS sends what it found later


AdapterFactory = Callable[[Destination], Onward]


def adapter_for(destination: Destination) -> Onward:
    """Build the adapter. Raise `InputError` for one that nobody knows, `KnownError` where it cannot begin."""
    kind, _, rest = destination.to.partition(":")
    if kind == "folder" and rest:
        return FolderHandOver(Path(rest), destination.name or "folder", destination.clock, destination.signer)
    if kind == "osia":
        return OsiaEnrollment(OsiaClient(rest, destination.access), destination.name)
    if kind == "abis":
        client = OsiaClient(rest, destination.access)
        return OsiaAbis(client, destination.name, destination.gallery, destination.callback)
    found = [entry for entry in entry_points(group=GROUP) if entry.name == destination.to]
    if not found:
        raise InputError("onward.no_such_way", to=destination.to)
    try:
        factory: AdapterFactory = found[0].load()
        return factory(destination)
    except KnownError:
        raise
    except Exception as error:  # an adapter may be anybody's
        raise KnownError("onward.adapter_broken", adapter=found[0].name, error=type(error).__name__) from error
