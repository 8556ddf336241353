"""Tests of the Nexudus dialect."""
