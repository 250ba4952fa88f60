"""A process that has no file left for a connection, and a log that clients can fill."""

import resource

from tests.attacks.attackers import answer_of, attack, attacks
from tests.attacks.harness import attacked_sandbox
from tests.processes import until


def test_the_log_has_a_line_when_no_connection_can_be_accepted() -> None:
    with attacked_sandbox() as attacked, attacked.measured():
        pid = attacked.running.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        assert limits[0] == limits[1], "the soft limit is not raised to the hard one"
        # Fewer than are open: what is open stays so.
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (8, limits[1]))
        try:
            until(lambda: "http.accept_failed" in attacked.running.log, what="the line")
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
        with attack(attacked.running.port) as connection:
            answer = answer_of(connection, b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")


def test_bad_http_is_in_the_log_at_a_bounded_rate() -> None:
    with attacked_sandbox() as attacked, attacked.measured():
        for _ in range(10):
            with attacks(attacked.running.port, 100) as connections:
                for connection in connections:
                    assert b"400" in answer_of(connection, b"no HTTP\r\n\r\n")
        log = attacked.running.log
        assert 5 <= log.count("http.refused") < 200
        until(lambda: "http.lines_left_out" in attacked.running.log, what="the count of the others")
