from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, receive

from fieldkit.vault.age import parse_identities
from sync.gateway import provision
from sync.gateway.database import GatewayContext, Migrations, bring_up
from sync.gateway.ledger import Ledger
from sync.gateway.operations import backup_set
from sync.gateway.operations.backup_set import Unlock
from sync.protocol.messages import Announcement

Arrive = Callable[..., tuple[str, str]]
_TABLES = dict[str, bytes]()  # a file with the empty tables of a revision


@pytest.fixture(autouse=True, scope="module")
def _tables_of_a_copy_are_made_once() -> Iterator[None]:
    """Give a restored SQLite file the tables that were made for the first one."""

    def bring(engine: sa.Engine, migrations: Migrations) -> None:
        path = Path(engine.url.database or "")
        engine.dispose()
        if migrations.head in _TABLES:
            path.write_bytes(_TABLES[migrations.head])
            return
        bring_up(engine, migrations)
        engine.dispose()
        _TABLES[migrations.head] = path.read_bytes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup_set, "bring_up", bring)
        yield


@pytest.fixture
def arrive(gateway_context: GatewayContext, kit: Kit) -> Arrive:
    """Let a record arrive; return its id and the digest of its object."""

    def one(size: int = 3000) -> tuple[str, str]:
        record_id, manifest, sealed, sha256 = kit.record(size=size)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
        return record_id, sha256

    return one


@pytest.fixture
def recovery(folder: Path) -> Unlock:
    return Unlock(parse_identities((folder / provision.RECOVERY_IDENTITY).read_text("ascii")))
