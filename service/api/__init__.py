"""The HTTP entrance, one file per resource."""
