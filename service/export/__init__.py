"""A report in the forms people read."""
