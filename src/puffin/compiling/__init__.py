"""How Python becomes machine code: kernels, vectors of eight numbers, random bits in kernels."""
