"""The commands that work inside the portal: people, tables in and out, webhooks, sums; cli.py runs them."""

from __future__ import annotations

DONE = 0
"""How a command ends that did what it was asked."""


class Misused(Exception):
    """The command was asked wrongly; the message is what the person should read."""
