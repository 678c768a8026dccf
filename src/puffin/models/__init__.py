"""Models of returns: what a user asks of the data."""
