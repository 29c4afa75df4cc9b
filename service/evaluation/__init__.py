"""The production line run over labelled data."""
