"""Operations on spaces, which the API calls instances, and on the subscription to the service."""
