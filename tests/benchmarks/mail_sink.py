"""An SMTP server that takes everything: `python -m tests.benchmarks.mail_sink PORT FILE`.

It writes a byte to FILE for each connection (c) and each email (m).
"""

import asyncio
import os
import sys

from aiosmtpd.smtp import SMTP


class CountingSink:
    """Keeps count of what it is given, and nothing else."""

    def __init__(self, file: int) -> None:
        self.file = file

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:
        os.write(self.file, b"m")
        return "250 OK"


async def serve(port: int, file: int) -> None:
    """Take mail until killed."""

    def connection() -> SMTP:
        os.write(file, b"c")
        return SMTP(CountingSink(file), hostname="localhost")

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)))
