"""A service whose sender has two routes, with fake gateways on real sockets."""
