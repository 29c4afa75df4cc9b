"""Second Source: checks the claims of an article against the other articles a newsroom holds."""
