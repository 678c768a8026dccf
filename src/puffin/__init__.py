"""Puffin: full, checked Bayesian posteriors for trading at the speed of point estimates."""
