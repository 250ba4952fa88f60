"""What providers were seen to post, driven through a running service with fake providers and a customer's URL."""
