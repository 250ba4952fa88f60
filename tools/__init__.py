"""What the project's own maintenance runs; no part of the package."""
