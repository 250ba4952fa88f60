"""Operations that send messages, list them and show what became of them."""
