"""The README's way to put a CPO on a platform: its commands as they stand there, against a second Stationlink."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.store.folder import DATABASE
from tests.cli.conftest import CLEAN, CPO, ROOT, make_cpo, refused, run
from tests.live import LiveServer

README = (ROOT / "README.md").read_text()
SECTION = README.split("## On top of your platform\n")[1].split("\n## ")[0]


@dataclass(frozen=True)
class Vendor:
    url: str
    token: str


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendor]:
    data = tmp_path_factory.mktemp("vendor") / "data"
    make_cpo(data)
    token = run("token", "create", "--cpo", CPO, "--module", "chargestations:rw", "--module", "locations:rw", data=data)
    server = LiveServer(data).start()
    yield Vendor(server.url.replace("localhost", "127.0.0.1"), token.out.strip())
    server.stop()


def readme_commands() -> list[str]:
    """What is indented in the section, with its continued lines."""
    lines = [line[4:] for line in SECTION.splitlines() if line.startswith("    ")]
    return [line for line in "\n".join(lines).replace("\\\n", " ").splitlines() if line.strip()]


def test_the_readmes_commands_put_a_cpo_on_its_platform(vendor: Vendor, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(vendor.token + "\n")
    commands = readme_commands()
    assert commands
    for line in commands:
        words = shlex.split(line.split("<")[0])
        assert words[:3] == [".venv/bin/python", "-m", "app"]
        done = subprocess.run(
            [sys.executable, *words[1:], "--data", str(tmp_path / "data")],
            cwd=ROOT,
            env=CLEAN | {"STATIONLINK_ACCEPTANCE_URL": vendor.url},
            input=(tmp_path / "token").read_text() if "<" in line else "",
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert vendor.token not in done.stdout + done.stderr
    (cpo,) = run("cpo", "list", "--json", data=tmp_path / "data").json
    assert (cpo["cpo_id"], cpo["platform"], cpo["tokens"]) == (CPO, "acceptance", ["acceptance"])
    assert "sealed_tokens" not in cpo
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").glob(f"{DATABASE}*"))
    assert vendor.token.encode() not in kept


def test_a_token_that_is_not_theirs_is_refused_in_words_and_nothing_is_made(vendor: Vendor, tmp_path: Path) -> None:
    words = ["--country", "NL", "--party", "XYZ", "--name", "XYZ Power", "--tariff", "T", "--charger-type", "Public"]
    on = ["--platform", vendor.url, "--platform-token", "nobody-knows-this"]
    refused(run("cpo", "create", *words, *on, data=tmp_path), "does not let this token read")
    refused(run("cpo", "create", *words, "--platform", "http://example.com", data=tmp_path), "https address")
    refused(run("cpo", "create", *words, "--platform", "acceptance", data=tmp_path), "token")
    assert run("cpo", "list", "--json", data=tmp_path).json == []


def test_a_cpo_moves_to_a_platform_later_and_gets_a_new_token(vendor: Vendor, tmp_path: Path) -> None:
    make_cpo(tmp_path)
    moved = run(
        "cpo", "platform", CPO, "--platform", vendor.url, "--platform-token", "-", data=tmp_path, stdin=vendor.token
    )
    assert moved.code == 0, moved.err
    assert f"the token for {vendor.url} opens chargestations, locations, templates" in moved.out
    again = run("cpo", "platform", CPO, "--platform-token", vendor.token, "--json", data=tmp_path)
    assert again.json["access"]["other"]["modules"] == ["chargestations", "locations", "templates"]
    assert (again.json["ocpp_url"], again.json["evses_in_patch"]) == (None, False)
    to = "wss://ocpp.example.com/ocpp"
    told = run("cpo", "platform", CPO, "--platform-ocpp-url", to, "--evses-in-patch", data=tmp_path)
    assert f"its stations connect to {to}" in told.out.splitlines()
    again = run("cpo", "platform", CPO, "--json", data=tmp_path)
    assert (again.json["ocpp_url"], again.json["evses_in_patch"]) == (to, True)
    refused(run("cpo", "platform", "Nobody", "--platform", "builtin", data=tmp_path), "Nobody")


def test_a_key_for_a_cpo_that_lives_elsewhere_is_made_with_a_word_of_warning(vendor: Vendor, tmp_path: Path) -> None:
    make_cpo(tmp_path)
    words = ["token", "create", "--cpo", CPO, "--module", "locations:r", "--json"]
    key = run(*words, data=tmp_path)
    assert key.err == ""
    there = ["--platform", vendor.url, "--platform-token", vendor.token]
    assert run("cpo", "platform", CPO, *there, data=tmp_path).code == 0
    made = run(*words, data=tmp_path)
    assert made.json["cpo_ids"] == [CPO] and made.code == 0
    assert f"{CPO}: on another platform" in made.err and made.err.count("\n") == 1
    for verb in (["rotate", key.json["id"]], ["change", key.json["id"], "--name", "CRM"]):
        done = run("token", *verb, data=tmp_path)
        assert done.code == 0 and f"{CPO}: on another platform" in done.err, verb


def test_a_list_without_anything_says_so_beside_its_empty_output(tmp_path: Path) -> None:
    for group, word in (("cpo", "no CPOs yet"), ("token", "no keys yet")):
        listed = run(group, "list", data=tmp_path)
        assert (listed.code, listed.out) == (0, "") and word in listed.err
        assert run(group, "list", "--json", data=tmp_path).json == []
