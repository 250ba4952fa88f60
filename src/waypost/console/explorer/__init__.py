"""The explorer: calls filled in, made and read in a browser, and written as code."""
