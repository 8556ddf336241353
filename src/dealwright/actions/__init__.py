"""One function per deed: right, rule, transaction, event."""
