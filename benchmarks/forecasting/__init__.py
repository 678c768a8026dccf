"""One day ahead on nine series: stochastic volatility against six GARCH models."""
