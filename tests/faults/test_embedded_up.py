"""`up` as people run it: it comes up whole, mends itself, and goes down whole."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from faults.started import family, forget_sockets, gone_within
from interpreters.cli.demo import Welcome, text
from interpreters.embedded.processes import command_line
from interpreters.embedded.supervisor import Family, Part
from interpreters.embedded.trouble import Trouble

Up: TypeAlias = "Callable[..., subprocess.Popen[bytes]]"


@pytest.fixture
def port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        number: int = door.getsockname()[1]
        return number


@pytest.fixture
def up(tmp_path: Path, port: int) -> Iterator[Up]:
    """Run `up` and return when the web process answers; in the end nothing of it runs."""
    started = []

    def run(*, env: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        with (tmp_path / "said").open("wb") as said:
            child = subprocess.Popen(
                [*command("up", tmp_path), "--port", str(port)],
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**clean(), **(env or {})},
            )
        started.append(child)
        end = time.monotonic() + 30
        while not answers(port):
            assert child.poll() is None, (tmp_path / "said").read_text()
            assert time.monotonic() < end
            time.sleep(0.05)
        return child

    yield run
    for child in started:
        child.kill()
        child.wait()
    forget_sockets(tmp_path / "data")


def clean() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("INTERPRETERS_")}


def command(name: str, tmp_path: Path, *more: str) -> list[str]:
    whole = [sys.executable, "-m", "interpreters", name, *more]
    return [*whole, "--data-dir", str(tmp_path / "data")]


def tell(name: str, tmp_path: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(name, tmp_path, *more), capture_output=True, text=True, check=False, env=clean()
    )


def get(port: int, path: str, token: str = "") -> tuple[int, Any]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def answers(port: int) -> bool:
    try:
        return get(port, "/health/live")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def wait_for(happened: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def pid_of(words: str, processes: Mapping[int, str]) -> int:
    return min(pid for pid in processes if words in command_line(pid))


def test_up_gives_a_network_and_keys_and_ends_at_ctrl_c_with_0(
    up: Up, tmp_path: Path, port: int
) -> None:
    child = up()
    processes = family(child.pid)

    made = tell("keys", tmp_path, "create", "--role", "coordinator", "--json")
    key = json.loads(made.stdout)
    again = tell("up", tmp_path, "--port", str(port))

    assert set(key) == {"id", "token", "role", "network_id", "expires_at"}
    assert key["role"] == "coordinator"
    assert get(port, "/v1/institutions", key["token"])[0] == 200
    assert get(port, "/v1/institutions")[0] == 401
    assert tell("doctor", tmp_path).returncode == 0
    assert again.returncode == 2
    assert f"port {port} of 127.0.0.1 cannot be used" in again.stderr

    began = time.monotonic()
    child.send_signal(signal.SIGINT)
    assert child.wait(10) == 0
    assert time.monotonic() - began < 5
    assert gone_within(processes, 1)


def test_whatever_is_killed_comes_back_and_nothing_outlives_the_supervisor(
    up: Up, tmp_path: Path, port: int
) -> None:
    child = up()
    before = family(child.pid)
    web, worker = pid_of("granian", before), pid_of("interpreters.worker", before)
    of_web = family(web)

    os.kill(web, signal.SIGKILL)
    assert gone_within(of_web, 5)  # its own workers do not keep the port
    assert wait_for(lambda: answers(port))

    os.kill(worker, signal.SIGKILL)
    assert wait_for(lambda: "worker ended with code -9" in (tmp_path / "said").read_text())

    everything = before | family(child.pid)
    child.kill()
    child.wait()
    assert gone_within(everything, 6)


def test_a_web_worker_whose_parent_is_killed_while_it_starts_does_not_stay(
    up: Up, port: int
) -> None:
    child = up()
    left: dict[int, str] = {}
    for pause in (0.0, 0.05, 0.15, 0.3):
        assert wait_for(lambda: answers(port))
        main = pid_of("granian", family(child.pid))
        [worker] = [pid for pid in family(main) if pid != main]
        os.kill(worker, signal.SIGKILL)
        assert wait_for(lambda main=main, worker=worker: bool(family(main).keys() - {main, worker}))
        time.sleep(pause)
        left |= family(main)
        os.kill(main, signal.SIGKILL)
    assert wait_for(lambda: answers(port))
    assert gone_within(left, 10)


def test_servers_that_are_killed_come_back_and_the_key_still_opens(
    up: Up, tmp_path: Path, port: int
) -> None:
    child = up()
    made = tell("keys", tmp_path, "create", "--role", "coordinator", "--json")
    token = json.loads(made.stdout)["token"]
    running = family(child.pid)

    def serves() -> bool:
        return get(port, "/v1/institutions", token)[0] == 200

    def whole() -> bool:
        status, body = get(port, "/health/ready")
        return status == 200 and body["reasons"] == {"database": "ok", "queue": "ok"}

    assert serves()
    os.kill(pid_of("bin/postgres", running), signal.SIGKILL)
    assert wait_for(lambda: "PostgreSQL ended with code -9" in (tmp_path / "said").read_text())
    assert wait_for(serves)

    os.kill(pid_of("valkey-server", running), signal.SIGKILL)
    assert wait_for(lambda: "Valkey ended with code -9" in (tmp_path / "said").read_text())
    assert wait_for(whole)

    everything = family(child.pid)
    child.send_signal(signal.SIGTERM)
    assert child.wait(10) == 0
    assert gone_within(everything, 2)


def test_keys_without_running_servers_say_what_to_start(tmp_path: Path) -> None:
    said = tell("keys", tmp_path, "create", "--role", "coordinator")

    assert said.returncode == 2
    assert f"nothing runs from the data folder {tmp_path / 'data'}" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_database_of_ones_own_without_its_owner_is_named_not_guessed(tmp_path: Path) -> None:
    ended = subprocess.run(
        command("migrate", tmp_path),
        capture_output=True,
        text=True,
        check=False,
        env={**clean(), "INTERPRETERS_DATABASE_URL": "postgresql://app@127.0.0.1:1/none"},
    )

    assert ended.returncode == 2
    assert "INTERPRETERS_OWNER_DATABASE_URL is not set" in ended.stderr


def test_a_part_that_ends_again_and_again_stops_the_whole_with_a_reason() -> None:
    part = Part(name="web", argv=[sys.executable, "-S", "-c", "raise SystemExit(7)"], env=clean())
    parts = Family([part], pause=0.01)
    parts.start()
    said: list[str] = []

    def look_until_it_gives_up() -> None:
        for _ in range(1000):
            said.extend(parts.look())
            time.sleep(0.02)

    with pytest.raises(Trouble) as given_up:
        look_until_it_gives_up()

    assert len(said) == 5
    assert "web ended 6 times within a minute, the last time with code 7" in str(given_up.value)


def test_an_unknown_command_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    said = tell("migrat", tmp_path)

    assert said.returncode == 2
    assert said.stderr == "interpreters: there is no command migrat; did you mean migrate?\n"


def test_the_welcome_of_the_demo_can_be_pasted_into_a_shell() -> None:
    welcome = Welcome(
        keys={"coordinator": "ik_live_A", "institution": "ik_live_B"},
        ids={"site": "sit_C"},
        lines=['echo "$URL $COORDINATOR $INSTITUTION $SITE"'],
    )

    pasted = text("http://127.0.0.1:8000", welcome).partition("\nOpen")[0]
    said = subprocess.run(["/bin/sh"], input=pasted, capture_output=True, text=True, check=True)

    assert said.stdout == "http://127.0.0.1:8000 ik_live_A ik_live_B sit_C\n"
