"""The mistakes that clients make in the signatures of requests to the queues."""

from waypost.api.doctor.mistakes import ANY_SCHEME, SHA1_SCHEMES, Mistake


def _resource(target: str) -> str:
    return target.partition("?")[0]


QUEUE_MISTAKES = (
    Mistake(
        "target", "The query of the address was not signed.", lambda _, signing: _resource(signing.target)
    ),
    Mistake(
        "target", "The resource was signed without its / in front.", lambda _, signing: signing.target[1:]
    ),
    Mistake("headers", "The x-mns- headers were not signed.", lambda *_: ""),
    Mistake(
        "headers",
        "There is a blank between the name of a header and its value.",
        lambda _, signing: signing.headers.replace(":", ": "),
    ),
    Mistake(
        "headers",
        "The x-mns- headers are not sorted by name.",
        lambda _, signing: "".join(sorted(signing.headers.splitlines(keepends=True), reverse=True)),
    ),
    Mistake("md5", "Content-MD5 was sent and not signed.", lambda *_: ""),
    Mistake("content_type", "Content-Type was sent and not signed.", lambda *_: ""),
    Mistake("date", "Date was not signed.", lambda *_: ""),
    *ANY_SCHEME,
    *SHA1_SCHEMES,
    Mistake(
        "secret",
        "The secret has an & behind it, as in V1; the queues have none.",
        lambda _, signing: signing.secret + b"&",
    ),
)
