"""SQL and nothing else: the two databases behind one set of functions."""
