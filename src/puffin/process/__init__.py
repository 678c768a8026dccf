"""What the process of a command owes to whoever started it: its streams, and an end at once."""
