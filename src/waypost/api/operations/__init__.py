"""The operations, one module a family: each is described once and handled by one function."""
