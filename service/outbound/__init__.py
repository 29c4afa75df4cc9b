"""Requests to addresses that somebody else names: pages to read, webhooks to tell. They cannot be led inside."""
