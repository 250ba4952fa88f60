"""Operations that set where receipts are pushed."""
