"""Invoices on paper: their words in the customer's language, and the page itself."""
