"""A mail server of the tests' own that keeps what it is given."""

from __future__ import annotations

import asyncio


class Letterbox:
    """Speaks as much SMTP as a client needs; `refuses` maps recipients to the answer they get."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, list[str], bytes]] = []
        self.refuses: dict[str, str] = {}
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def open(self) -> None:
        """Begin to listen on this machine."""
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)

    async def close(self) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, recipients = "", list[str]()
        await _say(writer, "220 letterbox")
        while line := (await reader.readline()).decode().strip():
            verb, _, rest = line.partition(":")
            verb = verb.upper()
            if verb == "DATA":
                await _say(writer, "354 go on")
                self.letters.append((sender, recipients, await _content(reader)))
                await _say(writer, "250 kept")
            elif verb == "RCPT TO":
                recipient = rest.strip("<> ")
                answer = self.refuses.get(recipient, "250 ok")
                recipients += [recipient] if answer.startswith("250") else []
                await _say(writer, answer)
            elif verb == "QUIT":
                await _say(writer, "221 bye")
                break
            else:
                sender, recipients = (rest.split()[0].strip("<>"), []) if verb == "MAIL FROM" else (sender, recipients)
                await _say(writer, "250 ok")
        writer.close()


async def _say(writer: asyncio.StreamWriter, line: str) -> None:
    writer.write(f"{line}\r\n".encode())
    await writer.drain()


async def _content(reader: asyncio.StreamReader) -> bytes:
    lines = []
    while (line := await reader.readline()) != b".\r\n":
        lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)
