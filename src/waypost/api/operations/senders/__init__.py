"""Operations on Viber senders."""
