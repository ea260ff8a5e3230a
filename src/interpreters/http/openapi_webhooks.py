"""The `webhooks` of the contract: what is posted to the addresses that institutions give."""

from typing import Any, Final

from interpreters.application.webhook_messages import PING, WebhookMessage
from interpreters.domain.events import PUBLIC
from interpreters.http.doors import JSON

__all__ = ["WebhookMessage", "webhooks"]

HEADERS: Final = {
    "webhook-id": ("The same on every repeat of a message.", "^[A-Za-z0-9_-]{1,100}$"),
    "webhook-timestamp": ("Seconds since 1970 of this attempt.", "^[0-9]{1,12}$"),
    "webhook-signature": (
        "One or more of `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`, by spaces.",
        "^v1,[A-Za-z0-9+/=]{44}( v1,[A-Za-z0-9+/=]{44})*$",
    ),
}


def webhooks(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a description of each type that is posted; `schema` is that of `WebhookMessage`."""
    return {kind: {"post": _posted(kind, schema)} for kind in (*PUBLIC, PING)}


def _posted(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    head, *tail = kind.replace(".", "_").split("_")
    return {
        "operationId": "webhook" + "".join(word.title() for word in (head, *tail)),
        "tags": ["Webhooks"],
        "summary": f"{kind}, as Standard Webhooks 1.0.0 sends it",
        "security": [],
        "parameters": [_header(name, *about) for name, about in HEADERS.items()],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": {
            "2XX": {"description": "Taken; it is not sent again"},
            "410": {"description": "The address is switched off"},
            "default": {"description": "Sent again later, with the same `webhook-id`"},
        },
    }


def _header(name: str, description: str, pattern: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }
