"""The articles a newsroom holds, and the search in them."""
