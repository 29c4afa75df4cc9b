"""Checks as durable work: begun once, ended once, whatever becomes of the process in between."""
