"""The error codes of the API: the catalogue, and the exception that is answered with one of them."""
