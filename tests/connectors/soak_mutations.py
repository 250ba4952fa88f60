"""A million mutations of recorded webhooks: `make soak NAME=mutations`; a round is 5,000 of them."""

import argparse
import random
import sys

from tests.connectors.mutations import run

_ROUND = 5000


def main(rounds: int, seed: int) -> None:
    """Checks so many rounds of mutations.

    Raises:
        AssertionError: one is not as promised.
    """
    for round_ in range(rounds):
        run(seed + round_, _ROUND)
    sys.stdout.write(f"seed {seed}: {rounds * _ROUND} mutations, nothing found\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Mutations of recorded webhooks.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    main(arguments.rounds, arguments.seed)
