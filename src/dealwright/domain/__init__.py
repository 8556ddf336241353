"""The rules of selling: plain Python that knows no SQL, no JSON and no HTTP."""
