"""One day ahead on nine series: stochastic volatility and regimes against six GARCH models."""
