"""Tests of our own API."""
