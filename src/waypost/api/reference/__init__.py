"""Reference pages and the OpenAPI document, made from the descriptions of the operations."""
