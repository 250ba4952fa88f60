"""Templates: what they are made of, how they are filled in and reviewed."""
