"""What the service tells of itself while it runs: log lines and figures. Never the words of an article, never a key."""
