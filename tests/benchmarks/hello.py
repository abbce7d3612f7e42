"""The least a Python web server can answer: the reference of a cached page."""

from collections.abc import Callable


def application(environ: dict, start_response: Callable) -> list[bytes]:
    """A WSGI application that knows one sentence."""
    body = b"Hello, world!"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
