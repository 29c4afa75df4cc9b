"""One step a file; its number is the schema's."""
