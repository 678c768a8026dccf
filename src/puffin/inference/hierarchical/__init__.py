"""Coefficients of many assets, in groups, from estimates whose errors are known."""
