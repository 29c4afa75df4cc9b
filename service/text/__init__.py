"""Pure functions over text: what the sentences are, what the numbers mean, whose report it is. No I/O."""
