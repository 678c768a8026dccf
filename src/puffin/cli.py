"""Puffin."""
