"""What becomes of checks when processes are killed, models fail and many come at once: `make reliability`."""
