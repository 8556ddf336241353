"""Wire dialects: each translates one vendor's contract into our words and back."""
