"""Operations on spaces, which the API calls instances, and on the service itself."""
