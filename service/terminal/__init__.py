"""What the command line does between its options and its exit code. Knows no options."""
