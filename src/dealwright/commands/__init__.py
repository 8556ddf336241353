"""The longer commands: tables in and out, webhooks told again; cli.py says their words and runs them."""

from __future__ import annotations

DONE = 0
"""How a command ends that did what it was asked."""


class Misused(Exception):
    """The command was asked wrongly; the message is what the person should read."""
