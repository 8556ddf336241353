"""The pages of the process; so far the start page, the first account and the documentation."""
