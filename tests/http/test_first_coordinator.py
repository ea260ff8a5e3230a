"""A network is set up without a database client: a link from the command line, and a browser."""

import asyncio
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from api import Api, serving
from conftest import Clock
from interpreters.application.users import UserOrder, create_user_with_link
from interpreters.database import Pool, transaction
from interpreters.domain.callers import Role, house
from sealing import SECRET_KEYS
from servers import database_url

pytestmark = pytest.mark.anyio
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "null"}


async def users_create(database: str, folder: Path, *options: str) -> tuple[int, str, str]:
    """Run the command on the test's database; return its status and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "interpreters", "users", "create", *options,
        "--data-dir", str(folder),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "INTERPRETERS_DATABASE_URL": database_url(role="interpreters_app", database=database),
            "INTERPRETERS_REDIS_URL": "redis://127.0.0.1:1",
            "INTERPRETERS_SECRET_KEYS": SECRET_KEYS,
            "INTERPRETERS_PUBLIC_URL": "https://i.example/",
        },
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_the_link_from_the_command_line_signs_the_first_coordinator_in(
    pool: Pool, database: str, clock: Clock, tmp_path: Path
) -> None:
    async with serving(pool, clock) as network:
        status, out, err = await users_create(
            database, tmp_path, "--email", "ilze@example.org", "--role", "coordinator",
            "--role", "finance", "--name", "Ilze", "--json",
        )  # fmt: skip
        assert (status, err) == (0, "")
        made = json.loads(out)
        assert set(made) == {"id", "link", "roles", "network_id", "expires_at"}
        assert made["roles"] == ["coordinator", "finance"]
        link = urlsplit(made["link"])
        assert (link.scheme, link.netloc) == ("https", "i.example")
        joined = await network.client.post(link.path, headers=FORM)
        assert joined.status_code == 303, joined.text
        cookie = f"interpreters_token={joined.cookies['interpreters_token']}"
        network.client.cookies.clear()
        browser = Api(network.client, None)
        me = (await browser.get("/v1/me", headers={"Cookie": cookie})).json()
        assert (me["user_id"], me["roles"]) == (made["id"], ["coordinator", "finance"])
        invited = await browser.post(
            "/v1/users", {"roles": ["finance"], "email": "b@example.org"},
            headers={"Cookie": cookie, "Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert invited.status_code == 201


async def test_who_is_there_already_gets_a_new_link_and_another_role_is_another_person(
    pool: Pool, clock: Clock
) -> None:
    async with serving(pool, clock) as network:
        caller = house(network.id)

        async def create(*roles: Role, name: str | None = None) -> tuple[UUID, str]:
            order = UserOrder(roles=roles, email="Ilze@example.org", display_name=name)
            async with transaction(pool, network.id) as db:
                user, link = await create_user_with_link(db, caller, order=order, now=clock.now)
            return user.id, link.token

        ilze, first = await create("coordinator")
        again, second = await create("coordinator")
        assert again == ilze
        assert await network.count("users") == 1
        assert (await network.client.post(f"/join/{first}", headers=FORM)).status_code == 410
        assert (await network.client.post(f"/join/{second}", headers=FORM)).status_code == 303
        others = {(await create("finance"))[0], (await create("coordinator", name="Zane"))[0]}
        assert await network.count("users") == len(others | {ilze}) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--email", "nobody", "--role", "coordinator"), "no e-mail address"),
        (("--email", "a@example.org", "--role", "consultant"), "institution"),
        (("--email", "a@example.org", "--role", "owner"), "roles"),
        (("--email", "a@example.org", "--role", "finance", "--network", "no"), "--network"),
    ],
)
async def test_what_cannot_be_is_said_in_one_sentence(
    options: tuple[str, ...], said: str, pool: Pool, database: str, clock: Clock, tmp_path: Path
) -> None:
    async with serving(pool, clock) as network:
        status, out, err = await users_create(database, tmp_path, *options)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert said in err
        assert await network.count("users") == 0
