"""What providers were seen to post, driven through a service with fake providers and a customer's URL."""
