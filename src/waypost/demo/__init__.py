"""`waypost demo`: four examples of the main function, with the official SDK as the client."""
