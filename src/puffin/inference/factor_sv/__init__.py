"""Factor stochastic volatility: a Gibbs sampler in compiled blocks."""
