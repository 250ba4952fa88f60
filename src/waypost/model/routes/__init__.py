"""Rules about routes: whether one may be used now, and how much of it."""
