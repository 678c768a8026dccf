"""Strategies: prices in, target weights out."""
