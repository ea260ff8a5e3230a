"""The rooms of pages for people; `asgi.py` puts them beside those of the API."""

from interpreters.web import (
    account,
    approval_links,
    assets,
    autonyms,
    calendars,
    client_links,
    desk,
    finance_rooms,
    invitations,
    mailbox,
    offer_links,
    pages,
    provider_sign_in,
    sign_in,
)

PAGES = (
    pages,
    assets,
    autonyms,
    client_links,
    desk,
    offer_links,
    approval_links,
    calendars,
    invitations,
    sign_in,
    account,
    mailbox,
    provider_sign_in,
    finance_rooms,
)
