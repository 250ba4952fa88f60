"""What a message may hold on each channel."""
