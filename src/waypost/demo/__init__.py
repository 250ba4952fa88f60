"""`waypost demo`: the main job told as four short stories, with the official SDK as the client."""
