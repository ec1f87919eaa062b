"""What must hold of a kit and its data center after whatever happened to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from support.homes import PASSPHRASE, Nobody, opened
from support.room import PETUGAS
from support.sites import Site

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.people import User
from fieldkit.services.context.app_context import AppContext
from sync.gateway.custody import Scrub
from sync.gateway.tables import records


class WrongError(Exception):
    """What was said or promised is not so."""


def demand(is_so: object, words: str) -> None:
    if not is_so:
        raise WrongError(words)


@contextmanager
def sound(site: Site, user: User = PETUGAS, passphrase: str = PASSPHRASE) -> Iterator[AppContext]:
    """Sign in and see that the log, the records and their files agree; nothing damaged was found at the start."""
    with opened(site.home, user, passphrase=passphrase) as context:
        told = [problem.code for problem in context.to_tell if problem.code.startswith(("store.", "vault."))]
        demand(not told, f"told at the start: {told}")
        fault = context.audit.verify()[1]
        demand(fault is None, f"the log breaks: {fault}")
        entries = context.delivery.queue().entries
        for name in ("record_id", "session_id", "target_id", "link"):
            seen = [getattr(entry.record, name) for entry in entries]
            demand(len(seen) == len(set(seen)), f"two records of one {name}")
        files = site.sealed()
        for entry in entries:
            content = files.get(f"{entry.record.record_id}.age")
            is_whole = content is not None and hashlib.sha256(content).hexdigest() == entry.record.sha256
            demand(is_whole or entry.state is DeliveryState.PURGED, f"a record that is {entry.state} has no whole file")
        yield context
    demand(not list(site.home.sealed.glob("*.part")), "a half file was left")


def entries_of(context: AppContext) -> dict[str, DeliveryState]:
    return {entry.record.session_id: entry.state for entry in context.delivery.queue().entries}


def demand_all(context: AppContext, before: Site) -> None:
    """See that every record is in the queue, and what was begun is open."""
    demand(len(context.delivery.queue().entries) == len(before.sealed()), "a record is missing")
    left = {session.session_id for session in context.left_open}
    demand(left == {before.session("begun"), before.session("reviewed")}, "a recording is missing")


def send_everything(context: AppContext) -> None:
    report = context.delivery.send(Nobody(), Nobody())
    demand(report.stopped_by is None, f"sending stops: {report.stopped_by}")
    demand(context.delivery.queue().unsent == 0, "a record cannot be sent")


def demand_at_center(site: Site, context: AppContext) -> None:
    """See that what the kit calls received is there once, with its bytes."""
    with site.gateway_context() as gateway_context, gateway_context.engine.begin() as connection:
        there = list(connection.scalars(sa.select(records.c.record_id)))
    with site.gateway_context() as gateway_context:
        lost = Scrub(gateway_context).run().lost
    received = (DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED)
    called = {e.record.record_id for e in context.delivery.queue().entries if e.state in received}
    demand(called <= set(there), "acknowledged and not at the data center")
    demand(not lost, f"without bytes at the data center: {lost}")
