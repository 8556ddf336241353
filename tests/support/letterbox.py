"""A mail server of the tests' own that keeps what it is given."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass, field


class Letterbox:
    """Speaks as much SMTP as a client needs; `refuses` maps recipients to the answer they get.

    With a context it speaks TLS: from the first byte if it is `implicit`, else after STARTTLS. With a `member`, a name
    and a password, it takes sign-ins. `heard` are the verbs it was told, each with whether TLS stood.
    """

    def __init__(
        self, context: ssl.SSLContext | None = None, implicit: bool = False, member: tuple[str, str] | None = None
    ) -> None:
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.refuses: dict[str, str] = {}
        self.heard: list[tuple[str, bool]] = []
        self._context, self._implicit, self._member = context, implicit, member
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def open(self) -> None:
        """Begin to listen on this machine."""
        tls = self._context if self._implicit else None
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=tls)

    async def close(self) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit = Visit(reader, writer, self._implicit)
        try:
            await visit.say("220 letterbox")
            while line := (await reader.readline()).decode().strip():
                verb = line.partition(":")[0].partition(" ")[0].upper()
                self.heard.append((verb, visit.safe))
                await self._answer(visit, verb, line)
                if verb == "QUIT":
                    break
        except (ConnectionError, ssl.SSLError):
            pass  # a client who does not trust us hangs up
        writer.close()

    async def _answer(self, visit: Visit, verb: str, line: str) -> None:
        match verb:
            case "EHLO":
                await visit.say("\r\n".join(["250-letterbox", *self._offers(visit), "250 HELP"]))
            case "STARTTLS" if self._context is not None:
                await visit.say("220 go on")
                await visit.writer.start_tls(self._context)
                visit.safe = True
            case "AUTH":
                name, word = base64.b64decode(line.split()[2]).decode().split("\0")[1:]
                await visit.say("235 welcome" if (name, word) == self._member else "535 who are you")
            case "MAIL":
                visit.sender, visit.recipients = line.partition(":")[2].split()[0].strip("<>"), []
                await visit.say("250 ok")
            case "RCPT":
                recipient = line.partition(":")[2].strip("<> ")
                answer = self.refuses.get(recipient, "250 ok")
                visit.recipients += [recipient] if answer.startswith("250") else []
                await visit.say(answer)
            case "DATA":
                await visit.say("354 go on")
                self.letters.append((visit.sender, visit.recipients, await _content(visit.reader)))
                await visit.say("250 kept")
            case "QUIT":
                await visit.say("221 bye")
            case _:
                await visit.say("250 ok")

    def _offers(self, visit: Visit) -> list[str]:
        starttls = ["250-STARTTLS"] if self._context is not None and not visit.safe else []
        return [*starttls, *(["250-AUTH PLAIN"] if self._member is not None else [])]


@dataclass
class Visit:
    """One connection: who sends to whom, and whether TLS stands."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    safe: bool
    sender: str = ""
    recipients: list[str] = field(default_factory=list)

    async def say(self, line: str) -> None:
        """Answer."""
        self.writer.write(f"{line}\r\n".encode())
        await self.writer.drain()


async def _content(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) != b".\r\n":
        lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)
