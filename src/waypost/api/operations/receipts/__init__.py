"""Operations on where receipts are pushed."""
