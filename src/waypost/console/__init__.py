"""The web pages: the front page, the reference, the error codes and the OpenAPI document."""
