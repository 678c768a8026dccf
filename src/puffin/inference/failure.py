"""What a sampler raises when it cannot give draws that can be trusted."""

__all__ = ["SamplingError"]


class SamplingError(RuntimeError):
    """Sampling failed although the input was valid."""
