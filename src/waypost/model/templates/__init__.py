"""Templates: components, filling in, and review."""
