"""Operations on templates."""
