"""Tests of the dialects, one folder each."""
