"""Alembic's entry: migrate within the transaction that `fieldkit.storage.migrate` opened."""

from __future__ import annotations

from alembic import context

from fieldkit.storage.migrations.triggers import renew_triggers

connection = context.config.attributes["connection"]
context.configure(connection=connection)
context.run_migrations()
renew_triggers(connection)
