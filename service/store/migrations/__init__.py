"""The steps by which alembic brings a database from one release's schema to the next. There is no way back but a copy.

A step that was released is never edited, and imports nothing of ours: what it makes must stay what it made.
"""
