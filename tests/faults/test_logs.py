"""Logs hold no token, whatever was logged."""

import json
import subprocess
import sys
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpreters.domain.ids import show_id
from interpreters.domain.tokens import Kind, new_token
from interpreters.logs import mask_tokens

NETWORK = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
LOGGING = """
import logging, sys
import structlog
from interpreters.logs import log_to_stderr
from interpreters.settings import Settings

log_to_stderr(Settings())
token = sys.argv[1]


class Thing:
    def __repr__(self):
        return f"<Thing {token}>"


structlog.get_logger().warning(
    "said", text=f"line\\n{token}", inside={"list": [f"Bearer {token}"]}, key={token: 1},
    error=ValueError(token), thing=Thing(), cut=token[:40], raw=token.encode(),
)
structlog.get_logger().warning(f"event {token}")
logging.getLogger("library").warning(f"careless {token}")
"""


@pytest.mark.parametrize("kind", ["ik_live", "ik_test", "st", "at", "in", "cl"])
def test_no_token_reaches_a_log_in_any_value(kind: Kind) -> None:
    token = new_token(NETWORK, kind)

    ended = subprocess.run(
        [sys.executable, "-c", LOGGING, token], capture_output=True, text=True, check=True
    )

    assert token[:30] not in ended.stderr + ended.stdout
    first, second, third = map(json.loads, ended.stderr.splitlines())
    assert first["text"] == f"line\n{kind}_…"
    assert first["inside"] == {"list": [f"Bearer {kind}_…"]}
    assert second["event"] == f"event {kind}_…"
    assert third["said"] == f"careless {kind}_…"


@given(st.text(), st.text())
def test_what_stands_around_a_token_stays(before: str, after: str) -> None:
    token = new_token(NETWORK, "st")
    kept = mask_tokens(None, "", f"{before} {token} {after}")
    assert token not in kept
    assert kept.startswith(mask_tokens(None, "", f"{before} st_…"))


def test_ids_are_no_tokens() -> None:
    line = " ".join(show_id(prefix, NETWORK) for prefix in ("net", "int", "bkg", "evt", "usr"))
    assert mask_tokens(None, "", line) == line
    assert mask_tokens(None, "", "a_b in_progress at_once") == "a_b in_progress at_once"


def test_a_webhooks_secret_is_masked() -> None:
    assert mask_tokens(None, "", '{"secret": "whsec_' + "aB3+/" * 8 + '"}') == (
        '{"secret": "whsec_…"}'
    )
