"""Settings: what an operator can set, the defaults file, and the configuration that settings declare."""
