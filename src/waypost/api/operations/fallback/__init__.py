"""Operations on fallback rules and policies."""
