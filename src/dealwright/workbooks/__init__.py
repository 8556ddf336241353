"""Workbooks (.xlsx) that strangers send, read as tables within bounds of memory, size and time."""
