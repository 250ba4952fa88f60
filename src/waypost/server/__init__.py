"""The composition root: settings in, a running service out. Only this room knows every other."""
