"""Alembic's entry: migrate within the transaction that `sync.gateway.database` opened."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
