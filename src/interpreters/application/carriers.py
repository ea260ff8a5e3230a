"""The ways out of the house that the settings name: a mail server, a provider of texts."""

from interpreters.application.messages import Carriers, Message
from interpreters.domain.calendar_files import method_of
from interpreters.domain.mail_addresses import read_mail_sender
from interpreters.gateways.mail import Mail, MailGateway
from interpreters.gateways.texts import Text, TextGateway
from interpreters.settings import Settings


def carriers_of(settings: Settings) -> Carriers:
    """Return a carrier for each channel that is set up; in a demonstration, nothing leaves."""
    if settings.demo:
        return {"mail": None, "text": None}
    found: Carriers = {}
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
