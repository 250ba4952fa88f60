"""Operations that send messages, list them, show their delivery and replay their callbacks."""
