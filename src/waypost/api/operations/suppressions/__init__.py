"""Operations on the suppression list."""
