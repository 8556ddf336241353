"""Measurements that anyone can re-run: `python -m bench`; nothing here is part of the server."""
