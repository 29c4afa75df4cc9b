"""The database: its tables, how it is opened, and how its schema is brought up to date."""
