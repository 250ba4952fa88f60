"""Operations on the record of calls."""
