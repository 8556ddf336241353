"""Sums for reports, one file per family of records; what they mean together is decided above."""
