"""What is not taken for a request."""


class NotARequestError(Exception):
    """A pasted text is no call that can be read; the message is a sentence that says why."""
