"""Tests of the ONLYOFFICE dialect."""
