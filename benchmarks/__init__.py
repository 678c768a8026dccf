"""Puffin and its rivals, timed side by side: `python -m benchmarks` from the checkout's root."""
