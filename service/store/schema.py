"""Which schema a database has: made where it is empty, refused where it is not ours to use, brought up to date."""

from pathlib import Path

from sqlalchemy import Connection, inspect

from service.errors import ConfigurationError
from service.store.fulltext import FULL_TEXT
from service.store.tables import Table

APPLICATION_ID = 0x53_32_53_43
"""Marks a SQLite file as ours ("S2SC"), in the four bytes of its header for that; in PostgreSQL, names our lock."""

VERSION = 2
"""The revision of `service.store.migrations` that `service.store.tables` is at. Raised with every change to it."""

MIGRATIONS = Path(__file__).parent / "migrations"


def ready(connection: Connection, name: str) -> None:
    """Makes all tables in an empty database. Does nothing to one that has them.

    `connection` is in a transaction that writes, and `name` is what errors call the database.

    Raises:
        ConfigurationError: another program's tables, an older schema, or a newer one.
    """
    one_at_a_time(connection)
    held = version(connection, name)
    if held == 0:
        _create(connection)
    elif held < VERSION:
        raise ConfigurationError(
            f"The database {name} is of an older version (schema {held}; this one needs {VERSION}). "
            "Make a copy of it, stop what uses it, and run: secondsource db upgrade"
        )
    elif held > VERSION:
        raise _newer(name, held)


def upgrade(connection: Connection, name: str) -> tuple[int, int]:
    """Brings a database to this program's schema. Returns the versions before and after; 0 is an empty one.

    All or nothing: `connection` is in a transaction that writes.

    Raises:
        ConfigurationError: another program's tables, or a newer schema.
    """
    # A second to import: only this command pays for it.
    from alembic import command
    from alembic.config import Config

    one_at_a_time(connection)
    held = version(connection, name)
    if held > VERSION:
        raise _newer(name, held)
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    if held and not _is_stamped(connection):
        command.stamp(config, _revision(held))
    command.upgrade(config, _revision(VERSION))
    return held, VERSION


def version(connection: Connection, name: str) -> int:
    """The revision that a database is at; 0 where it is empty.

    Raises:
        ConfigurationError: it is another program's.
    """
    if _is_stamped(connection):
        (stamp,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").one()
        if not str(stamp).isdecimal():
            raise _foreign(name)
        return int(stamp)
    if not inspect(connection).has_table("articles"):
        return 0
    if connection.dialect.name == "sqlite":
        return 1  # release 0.1.0, which knew no other
    raise _foreign(name)


def one_at_a_time(connection: Connection) -> None:
    """Waits for whoever makes or changes the schema now. SQLite has locked all writers out already."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({APPLICATION_ID})")


def _create(connection: Connection) -> None:
    Table.metadata.create_all(connection, checkfirst=False)
    statements = [
        *FULL_TEXT[connection.dialect.name],
        "CREATE TABLE alembic_version (version_num VARCHAR(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)",
        f"INSERT INTO alembic_version VALUES ('{_revision(VERSION)}')",  # noqa: S608 - a constant of ours
    ]
    if connection.dialect.name == "sqlite":
        # The second is for release 0.1.0, which refuses a file by it.
        statements += [f"PRAGMA application_id = {APPLICATION_ID}", f"PRAGMA user_version = {VERSION}"]
    for statement in statements:
        connection.exec_driver_sql(statement)


def _is_stamped(connection: Connection) -> bool:
    return inspect(connection).has_table("alembic_version")


def _revision(number: int) -> str:
    return f"{number:04}"


def _newer(name: str, held: int) -> ConfigurationError:
    return ConfigurationError(
        f"The database {name} was made by a newer version (schema {held}; this one knows {VERSION}). "
        "Install that version, or name another database."
    )


def _foreign(name: str) -> ConfigurationError:
    return ConfigurationError(f"{name} is another program's database. Name another one for the corpus.")
