"""The ways out of the house: browsers, and what the settings name of mail servers and providers."""

import msgspec

from interpreters.application.messages import Carriers, Message
from interpreters.domain.calendar_files import method_of
from interpreters.domain.mail_addresses import read_mail_sender
from interpreters.domain.push import Pushed, PushKey, WrongSubscription
from interpreters.gateways.mail import Mail, MailGateway
from interpreters.gateways.push import LONGEST_KEPT, PushGateway, Undeliverable
from interpreters.gateways.texts import Text, TextGateway
from interpreters.settings import Settings


def carriers_of(settings: Settings) -> Carriers:
    """Return a carrier for each channel that is set up; in a demonstration, nothing leaves."""
    if settings.demo:
        return {"mail": None, "text": None, "push": None}
    found: Carriers = {
        "push": _Pushes(sender_of(settings), allow_private=settings.allow_private_urls)
    }
    if settings.smtp_url is not None and settings.mail_from is not None:
        found = {**found, "mail": _Mails(settings.smtp_url, settings.mail_from)}
    if settings.sms_account and settings.sms_token and settings.sms_from:
        gateway = TextGateway(
            settings.sms_url,
            account=settings.sms_account,
            token=settings.sms_token,
            sender=settings.sms_from,
        )
        found = {**found, "text": _Texts(gateway)}
    return found


def sender_of(settings: Settings) -> str:
    """Return where the people of a push service find whoever runs this (RFC 8292 section 2.1)."""
    if settings.mail_from is not None:
        return f"mailto:{read_mail_sender(settings.mail_from).spec}"
    return settings.base_url


class _Mails:
    def __init__(self, url: str, sender: str) -> None:
        self._gateway = MailGateway(url, sender)
        self._domain = read_mail_sender(sender).domain

    async def carry(self, message: Message) -> str | None:
        """Hand the mail over; its Message-ID is the message's own id."""
        mail = Mail(
            message_id=f"{message.id}@{self._domain}",
            to=message.recipient,
            subject=message.subject or "",
            text=message.body,
            calendar=message.attachment.encode() if message.attachment else None,
            calendar_method=method_of(message.attachment or ""),
            at=message.created_at,
        )
        await self._gateway.send(mail)
        return None


class _Texts:
    def __init__(self, gateway: TextGateway) -> None:
        self._gateway = gateway

    async def carry(self, message: Message) -> str | None:
        """Hand the text over; return the provider's id."""
        return await self._gateway.send(
            Text(id=str(message.id), to=message.recipient, body=message.body)
        )


class _Pushes:
    def __init__(self, sender: str, *, allow_private: bool) -> None:
        self._sender = sender
        self._allow_private = allow_private

    async def carry(self, message: Message) -> None:
        """Hand the push to the browser's service, to be kept until it is of no use."""
        to = message.push
        assert to is not None  # it was taken with its browser
        pushed = msgspec.json.decode(message.body, type=Pushed)
        kept = LONGEST_KEPT
        if message.expires_at is not None:
            kept = max(0, int((message.expires_at - to.at).total_seconds()))
        key = PushKey.read(to.secret)
        async with PushGateway(self._sender, key, allow_private=self._allow_private) as gateway:
            try:
                await gateway.send(
                    to.subscription,
                    message.body.encode(),
                    ttl_seconds=kept,
                    urgency="high" if pushed.urgent else "normal",
                    topic=pushed.notification.tag,
                    now=to.at,
                )
            except WrongSubscription:
                raise Undeliverable("wrong-keys") from None
