"""Fallback: chains of steps, and when a step starts."""
