"""The two ways in which official clients sign a call, and how to tell them apart."""
