"""Requests that people paste, as calls: a curl command, a signed URL, or the text of an HTTP request."""
