"""What every part of the gateway shares: name, database, bytes, keys and clock. Nothing here changes at run time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SignatureVerifier, Signer, SigningKey
from sync.gateway.blobs import Blobs
from sync.gateway.database import reading
from sync.protocol.messages import Configuration


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what a kit may send and of how long things last."""

    max_record_bytes: int = 64 * 1024 * 1024
    max_chunk_bytes: int = 8 * 1024 * 1024
    reserve_bytes: int = 256 * 1024 * 1024  # never fill the disk below this: the database needs it to say so
    upload_life: timedelta = timedelta(days=30)
    sweep_every: timedelta = timedelta(hours=1)
    orphan_age: timedelta = timedelta(days=1)  # parts without a row: a request died between bytes and row
    token_life: timedelta = timedelta(minutes=10)
    # Requests that this process works on at the same moment: more than these only take turns at Python's one lock.
    threads: int = 20
    connections: int = 2048  # all clients together, idle ones included
    requests_per_address: int = 256  # a whole office may stand behind one address
    header_silence: timedelta = timedelta(seconds=30)  # also how long a connection may stay open without a request
    body_silence: timedelta = timedelta(seconds=30)
    slowest_bytes_per_s: int = 100  # over `rate_window`; a poor line of 2G carries ten times as much
    rate_window: timedelta = timedelta(seconds=60)
    stop_patience: timedelta = timedelta(seconds=10)  # for requests under way when the gateway is told to stop
    scrub_every: timedelta = timedelta(days=7)  # each object is read again after so long
    scrub_bytes_per_s: int = 4 * 1024 * 1024
    kit_requests_a_minute: int = 6000  # these four hold over all workers together
    kit_bytes_a_day: int = 64 * 1024 * 1024 * 1024
    address_requests_a_minute: int = 12_000  # of nobody who has signed in
    address_enrolments_a_minute: int = 60


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """One gateway. `configuration` lacks the revoked serials: they stand in the database."""

    engine: sa.Engine
    blobs: Blobs
    clock: Clock
    authority: SigningKey
    receipt_signer: Signer
    verifier_for: Callable[[bytes], SignatureVerifier]  # certificate (DER) → verifier of its key
    configuration: Configuration
    nik_key: bytes = field(repr=False)
    # Names and addresses in the server's certificate as its file holds it now.
    tls_hosts: Callable[[], Sequence[str]] = field(repr=False)
    limits: Limits = Limits()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection that only reads and waits for no writer."""
        return reading(self.engine)

    def asking(self) -> AbstractContextManager[sa.Connection]:
        """Give such a connection for one statement: on the way of each record a transaction is a cost."""
        return reading(self.engine, asks_once=True)

    @property
    def name(self) -> str:
        """Who we are in receipts, and the audience of assertions."""
        return self.configuration.gateway


class Refusal(Exception):  # noqa: N818 - an answer to the other side, not a failure of ours
    """An answer other than success: HTTP status and the code that `sync.protocol.outcomes` knows."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{status} {code} {message}".strip())
