"""The reference and the OpenAPI document, generated from the descriptions of the operations."""
