"""Sockets and HTTP to the outside: what may be reached, how long it may take, how much is read."""
