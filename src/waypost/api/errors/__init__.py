"""The error codes of the API: one catalogue, and the exception that carries one to the answer."""
