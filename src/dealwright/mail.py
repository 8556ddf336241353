"""Mail: letters written in our own words, and the three ways in which they leave or stay."""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from dealwright.config import LOOPBACK, Settings

SMTP_SECONDS: Final = 20
_POLICY: Final = SMTP.clone(cte_type="7bit")  # some servers still take nothing else
SUBJECT_LENGTH: Final = 200

Send = Callable[[EmailMessage], Awaitable[None]]
"""Takes one letter; raises when it could not be handed over."""


class Undeliverable(Exception):
    """This letter will never arrive, however often it is tried."""


def written(kind: str, facts: Mapping[str, Any], to: str, settings: Settings) -> EmailMessage:
    """Return the letter of a kind (`mail.shared`, …) about these facts. Refuses with Undeliverable an odd address."""
    subject, body = _TEXTS[kind]
    known = {name: str(value) for name, value in facts.items()} | {"address": settings.address}
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(settings.mail_sender)
    message["To"] = _address(to)
    message["Subject"] = _one_line(subject.format_map(known))
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain or None)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body.format_map(known))
    return message


def letter(facts: Mapping[str, Any], attachments: Iterable[tuple[str, str, bytes]], settings: Settings) -> EmailMessage:
    """Return a letter that somebody writes to a contact, as a page and as text; answers go to who wrote it.

    An attachment is a title, a media type and its bytes. Refuses with Undeliverable an odd address.
    """
    message = EmailMessage(policy=_POLICY)
    sender = _address(settings.mail_sender)
    message["From"] = Address(_one_line(str(facts["by"])) or sender.display_name, sender.username, sender.domain)
    message["To"] = _address(str(facts["to"]))
    if facts.get("reply_to"):
        message["Reply-To"] = _address(str(facts["reply_to"]))
    message["Subject"] = _one_line(str(facts["subject"]))
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.domain or None)
    message.set_content(str(facts["text"]))
    message.add_alternative(str(facts["html"]), subtype="html")
    for title, media_type, data in attachments:
        kind, _, rest = media_type.partition("/")
        message.add_attachment(data, maintype=kind, subtype=rest or "octet-stream", filename=title)
    return message


_TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "mail.shared": (
        "{by} shared a deal with you: {title}",
        "{by} gave you access to the deal “{title}”.\n\nYou find it at {address}/\n",
    ),
    "mail.case_shared": (
        "{by} shared a case with you: {title}",
        "{by} gave you access to the case “{title}”.\n\nYou find it at {address}/\n",
    ),
    "mail.noted": (
        "{by} wrote about {title}",
        "{by} wrote about “{title}”:\n\n{content}{files}\n\nYou find it at {address}/\n",
    ),
    "mail.task_given": (
        "{by} gave you a task: {title}",
        "{by} made you responsible for the task “{title}” ({deadline}).\n\nYou find it at {address}/\n",
    ),
    "mail.task_done": (
        "{by} closed a task: {title}",
        "{by} closed the task “{title}” ({deadline}).\n\nYou find it at {address}/\n",
    ),
    "mail.task_due": (
        "Due {deadline}: {title}",
        "The task “{title}” is due: {deadline}.\n\nYou find it at {address}/\n",
    ),
    "mail.document_signed": (
        "Signed: {title}",
        "The document “{title}” of {contact} is signed; {by} brought it in.\n\nYou find it at {address}/\n",
    ),
    "opportunity.follow_up": (
        "Follow up: {title}",
        "It is time to follow up the deal {about}: {when}.\n\nYou find it at {address}/\n",
    ),
    "user.invited": (
        "{by} made an account for you",
        "{by} made an account for you. Choose a password within a week:\n\n{address}/welcome?code={code}\n",
    ),
    "mail.form": (
        "Somebody wrote by the form: {title}",
        "{title} filled in the form of your portal:\n\n{text}\n\nYou find it at {address}/\n",
    ),
}
KINDS: Final = tuple(_TEXTS)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:SUBJECT_LENGTH]


_PLAIN: Final = re.compile(r'[^@\s<>"(),:;\[\]\\]+@[^@\s<>"(),:;\[\]\\]+')


def _address(text: str) -> Address:
    found = re.fullmatch(r"\s*(?:([^<>\r\n]*)<([^<>]+)>|([^<>]+))\s*", text)
    name, email = (found[1] or "", (found[2] or found[3]).strip()) if found else ("", "")
    if not _PLAIN.fullmatch(email):
        raise Undeliverable("the address is not one that mail can be sent to")
    user, _, host = email.partition("@")
    return Address(_one_line(name).strip('"'), user, host)


def transport(settings: Settings) -> Send | None:
    """Return how mail leaves as the settings say; None where it does not."""
    way = settings.mail_transport
    if way == "none":
        return None
    if way.startswith("file:"):
        return _into_folder(Path(way.removeprefix("file:")))
    return _by_smtp(urlsplit(way))


def _into_folder(folder: Path) -> Send:
    def drop(message: EmailMessage) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns() // 1000}-{uuid.uuid4().hex[:8]}"
        unfinished = folder / f".{name}.part"
        try:
            unfinished.write_bytes(message.as_bytes())
            unfinished.rename(folder / f"{name}.eml")
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    async def send(message: EmailMessage) -> None:
        await asyncio.to_thread(drop, message)

    return send


def _by_smtp(url: SplitResult) -> Send:
    async def send(message: EmailMessage) -> None:
        try:
            await asyncio.to_thread(_hand_over, url, message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            if all(code >= 500 for code in codes):
                raise Undeliverable(f"the mail server refuses the address ({min(codes)})") from error
            raise

    return send


def _hand_over(url: SplitResult, message: EmailMessage) -> None:
    with smtp_connection(url) as server:
        server.send_message(message)


def smtp_connection(url: SplitResult) -> smtplib.SMTP:
    """Return an open connection to the server of an `smtp://` or `smtps://` address, signed in if it names a user.

    Nothing is said before TLS stands, with a certificate that is trusted, but where `?tls=none` leaves TLS out; so does
    a server on this machine unless `?tls=starttls` is said. Raises an OSError that says why, smtplib's own included.
    """
    host, context = url.hostname or "localhost", ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, url.port or 465, timeout=SMTP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=SMTP_SECONDS)
    try:
        if url.scheme == "smtp" and _wants_tls(url, host):
            server.starttls(context=context)
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _wants_tls(url: SplitResult, host: str) -> bool:
    said = parse_qs(url.query).get("tls", ["none" if host in LOOPBACK else "starttls"])
    return said != ["none"]
