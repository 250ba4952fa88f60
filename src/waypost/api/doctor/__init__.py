"""Why a signature is wrong: the mistakes that clients make are tried until one explains it."""
