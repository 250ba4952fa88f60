"""A message, its legs and what becomes of them."""
