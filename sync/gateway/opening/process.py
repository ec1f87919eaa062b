"""The opener as a process: until it is told to stop, or until nothing waits. Several may run on one database."""

from __future__ import annotations

import json
import logging
import re
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from fieldkit.domain.errors import InputError, KnownError, Problem
from fieldkit.ports.clock import Clock
from fieldkit.ports.messages import Messages
from fieldkit.vault.certificates import Secret, certificates_from_pem, read_identities
from fieldkit.vault.cms import SealOpener
from fieldkit.vault.device_trust import SealedProofs
from fieldkit.vault.durable import sync_folder, write_durably
from sync.gateway.blobs import Blobs
from sync.gateway.database import open_database
from sync.gateway.ledger import TRIAL, TRIAL_SOURCE, Penunggalan, penunggalan_named
from sync.gateway.opener import Opener, Outcome, work
from sync.gateway.provision import CA, DEVICE_TRUST, NIK_KEY, NOT_SAID, Places, places_in, serving
from sync.gateway.seals import reader_of

# A machine that only opens records: the few files it needs, taken out of a gateway's folder, and what they give.

SETTINGS = "opener.json"


@dataclass(frozen=True, slots=True)
class OpeningMachine:
    """What opens records here; implements `OpeningContext`. No key of the CA, of TLS or of receipts."""

    engine: sa.Engine
    blobs: Blobs
    clock: Clock
    nik_key: bytes = field(repr=False)
    seals: SealOpener = field(repr=False)
    devices: SealedProofs
    penunggalan: Penunggalan  # as the gateway's settings say

    def opener(self, penunggalan: Penunggalan | None = None) -> Opener:
        """Return an opener over it, with another penunggalan than that of the gateway where one is given."""
        return Opener(self, reader_of(self.seals, self.devices), penunggalan or self.penunggalan)


def take_out(gateway: Path, folder: Path) -> None:
    """Put what opening needs into a new folder: CA certificate, NIK key, trust in devices, places. Not the identity.

    Raise `InputError`: there is no gateway, or the folder is there already.
    """
    how = serving(gateway)
    if folder.exists():
        raise InputError("gateway.out_taken", path=str(folder))
    folder.mkdir(parents=True, mode=0o700)
    for name in (f"{CA}.pem", NIK_KEY):
        write_durably(folder / name, (gateway / name).read_bytes())
    if (gateway / DEVICE_TRUST).is_dir():
        shutil.copytree(gateway / DEVICE_TRUST, folder / DEVICE_TRUST)
    # Last: its presence says that the folder is complete.
    valid = how.penunggalan.found_valid
    settings = {
        "database": how.places.database,
        "objects": how.places.objects,
        "penunggalan": TRIAL if valid.source == TRIAL_SOURCE else "none",
        "office": valid.source,
    }
    write_durably(folder / SETTINGS, (json.dumps(settings, indent=2) + "\n").encode())
    sync_folder(folder.parent)


def machine_at(
    folder: Path, identity: Path, secret: Callable[[Secret], str], clock: Clock, said: Places = NOT_SAID
) -> OpeningMachine:
    """Open the folder of an opener or of a gateway, and the identity.

    Raise `KnownError`: a file that is not there or damaged, an identity that does not open (`identity_file`), a
    database or record store that does not answer.
    """
    places, penunggalan = _settings(folder, said)
    try:
        authorities = certificates_from_pem((folder / f"{CA}.pem").read_text("ascii"))
        nik_key = bytes.fromhex((folder / NIK_KEY).read_text("ascii"))
        devices = SealedProofs.from_path(folder / DEVICE_TRUST)
    except FileNotFoundError as error:
        raise InputError("gateway.not_here", folder=str(folder)) from error
    except ValueError as error:
        raise InputError("gateway.folder_damaged", folder=str(folder)) from error
    seals = SealOpener(read_identities(identity, secret), authorities)
    blobs = Blobs.at_url(places.objects) if places.objects else Blobs.in_folder(folder / "objects")
    _demand(blobs)
    engine = open_database(places.database or f"sqlite:///{folder / 'gateway.sqlite3'}")
    return OpeningMachine(engine, blobs, clock, nik_key, seals, devices, penunggalan)


def _settings(folder: Path, said: Places) -> tuple[Places, Penunggalan]:
    """Return where rows and objects are, an opener apart has none of them in its folder, and who decides."""
    if not (folder / SETTINGS).exists():
        how = serving(folder, said)
        return how.places, how.penunggalan
    try:
        kept = json.loads((folder / SETTINGS).read_text("utf-8"))
        places = said.or_else(places_in()).or_else(Places(str(kept["database"]), str(kept["objects"])))
        penunggalan = penunggalan_named(str(kept["penunggalan"]), str(kept["office"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError("gateway.folder_damaged", folder=str(folder)) from error
    if not places.database or not places.objects:
        raise InputError("gateway.opener_places")
    return places, penunggalan


def _demand(blobs: Blobs) -> None:
    try:
        with suppress(FileNotFoundError):  # it answered
            blobs.size("asked-at-start")
    except OSError as error:
        raise KnownError("gateway.objects_unreachable") from error


_log = logging.getLogger(__name__)
_EVERY_S = 2.0  # a look at an index; a record waits this long at most while nothing else is to be done


def open_always(opener: Opener, ready: Callable[[], None], every_s: float = _EVERY_S) -> None:
    """Open what comes until SIGTERM or SIGINT, the record under way to its end. Only for the main thread."""
    with _told_to_stop() as stopping:
        ready()
        work(opener, stopping.is_set, lambda: stopping.wait(every_s))


def open_waiting(opener: Opener, ready: Callable[[], None]) -> tuple[Counter[Outcome], bool]:
    """Open what waits now; return what became of it, and whether all bytes could be read. Only for the main thread.

    Raise `KnownError` `gateway.database_away`.
    """
    is_all_read = True
    with _told_to_stop() as stopping:
        ready()
        try:
            opener.release()
            opener.run_pending(stopping.is_set)
        except OSError as error:
            _log.warning("an object could not be read: %s", error)
            is_all_read = False
        except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
            raise KnownError("gateway.database_away", host=opener.host) from error
    return opener.opened, is_all_read


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    stopping = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: stopping.set()) for number in numbers]
    try:
        yield stopping
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


# Why a record was refused, in words: a status keeps only the code of the first fault.

_PLACEHOLDER = re.compile(r"\{\w+\}")


class _Unnamed(dict[str, str | int]):
    """What a sentence wants named and the code alone does not say: which finger, which line."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def reason_in_words(messages: Messages, code: str) -> str:
    """Return what a refusal or a note of the opener says, with its code; the code alone when no sentence knows it."""
    try:
        what = messages.problem(Problem(code, _Unnamed())).what
    except KeyError:
        return code
    return code if what == code else f"{_PLACEHOLDER.sub('…', what)} [{code}]"
