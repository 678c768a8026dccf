"""Returns whose law depends on a hidden Markov chain: the filter, and draws of the parameters."""
