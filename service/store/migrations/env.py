"""What alembic runs: all steps on the connection that `service.store.schema.upgrade` gives, in its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
