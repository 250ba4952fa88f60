"""Use cases that several rooms share: accept, publish, replay, review, read a message's history."""
