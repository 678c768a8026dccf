"""Posteriors of latent AR(1) chains, by transported Gaussian proposals."""
