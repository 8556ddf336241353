"""Dealwright: a self-hosted sales-pipeline server that speaks several vendors' wire dialects."""

__version__ = "0.1.0"
