"""Rounds of `kill -9` with the hand-on, judged by the provider's own log: nothing lost, nothing doubled.

    make soak NAME=kill ROUNDS=200

Each round starts a node on the file of all rounds, lets it accept messages without a pause, and kills it at
some moment. The provider answers at once or, in every other round, lets the requests of that moment hang. A
second node lives through all rounds, and claims what the dead ones held. Not part of any test run.
"""

import argparse
import asyncio
import random
import tempfile
from pathlib import Path

from tests.crash.node import NodeOptions
from tests.crash.nodes import drained, judge, node, provider

WIDTH = 16
_MANY = 10**6


def main(rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    accepted: list[str] = []
    with tempfile.TemporaryDirectory() as folder, provider() as listening:
        path = Path(folder) / "waypost.db"
        options = NodeOptions(
            port=listening.port, width=WIDTH, lease=10, longest_request=6, in_doubt_wait=0.5
        )
        with node(path, options) as living:
            for round_ in range(rounds):
                with node(path, options) as killed:
                    killed.command(f"accept {_MANY}")
                    killed.wait_for(chance.randrange(1, 150))
                    if round_ % 2:
                        listening.may_answer.clear()
                        listening.wait_for(len(listening.log) + 1)
                    killed.kill()
                    listening.may_answer.set()
                    accepted += killed.accepted
            asyncio.run(drained(path))
            living.end()
        doubts = asyncio.run(judge(path, listening, accepted))
        print(
            f"seed {seed}: {rounds} rounds, {len(accepted):,} messages accepted, {len(listening.log):,} "
            f"requests; nothing lost, nothing doubled but transactions in doubt; {sum(doubts)} attempts in "
            f"doubt: {doubts.came} came to the provider, {doubts.never_left} lay between flush and request"
        )
        assert sum(doubts) <= rounds * WIDTH


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Rounds of kill -9 with the hand-on.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    main(arguments.rounds, arguments.seed)
