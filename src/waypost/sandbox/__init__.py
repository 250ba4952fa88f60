"""The outside world in miniature: simulated providers on loopback sockets, and the handsets behind them."""
