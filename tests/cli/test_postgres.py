"""The service on PostgreSQL: commands and servers on folders of their own share one database."""

import shutil
import uuid
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import CPO, refused, run
from tests.live import LiveServer
from tests.postgres import Cluster, database_of, make_database


@pytest.fixture
async def database(postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    address = database_of(tmp_path)
    await make_database(address)
    return address


def other_folder(tmp_path: Path, name: str, key_of: Path | None = None) -> Path:
    folder = tmp_path / name
    folder.mkdir(mode=0o700)
    if key_of is not None:
        shutil.copy(key_of / "digest.key", folder / "digest.key")
    return folder


def test_commands_on_two_folders_with_one_key_share_the_database(database: str, tmp_path: Path) -> None:
    setting = {"STATIONLINK_DATABASE": database}
    one = other_folder(tmp_path, "one")
    refused(run("cpo", "list", data=one, **setting), "migrate")
    assert "001_first" in run("migrate", data=one, **setting).out
    assert "up to date" in run("migrate", data=one, **setting).out
    words = ["--country", "NL", "--party", "ABC", "--name", CPO, "--tariff", "T", "--charger-type", "Public"]
    assert run("cpo", "create", *words, data=one, **setting).code == 0
    two = other_folder(tmp_path, "two", one)
    assert CPO in run("cpo", "list", data=two, **setting).out
    assert not (one / "stationlink.sqlite").exists()
    refused(run("cpo", "list", data=other_folder(tmp_path, "three"), **setting), "digest.key")
    for words in (["backup", str(tmp_path / "x.tar.gz")], ["restore", str(tmp_path / "x.tar.gz")]):
        refused(run(*words, data=one, **setting), "pg_dump", "digest.key")


def test_two_servers_on_one_database_wake_each_other(database: str, tmp_path: Path) -> None:
    """Polling is too slow to tell in time: only a notification can."""
    here, there = tmp_path / "a" / "data", tmp_path / "b" / "data"
    setting = {"database": database, "poll_seconds": "300"}
    first, second = LiveServer(here, **setting), LiveServer(there, **setting)
    try:
        here.mkdir(parents=True)
        there.mkdir(parents=True)
        first.start()
        shutil.copy(here / "digest.key", there / "digest.key")
        second.start()
        first.make_cpo()
        with closing(second.phone()) as phone, phone.stream("GET", "/field/stream") as stream:
            lines = stream.iter_lines()
            assert next(lines)
            begin(first.url, phone.cookies)
            assert any("NEW-1" in line for line in lines)
    finally:
        first.kill()
        second.kill()


def test_a_server_outlives_its_database(tmp_path: Path) -> None:
    """Calls are refused meanwhile; when it is back, all goes on without a restart, the streams too."""
    data = tmp_path / "data"
    with Cluster() as cluster:
        server = LiveServer(data, database=cluster.address, poll_seconds="300")
        try:
            server.start()
            server.make_cpo()
            with closing(server.phone()) as phone:
                cluster.stop()
                assert httpx.get(f"{server.url}/health/ready", timeout=20).status_code == 503
                assert httpx.get(f"{server.url}/health/live", timeout=20).status_code == 200
                cluster.start()
                assert httpx.get(f"{server.url}/health/ready", timeout=20).status_code == 200
                with phone.stream("GET", "/field/stream") as stream:
                    lines = stream.iter_lines()
                    assert next(lines)
                    begin(server.url, phone.cookies)
                    assert any("NEW-1" in line for line in lines)
        finally:
            server.kill()


def begin(url: str, cookies: httpx.Cookies) -> None:
    """The same phone at another server."""
    wanted = {
        "id": str(uuid.uuid4()),
        "kind": "begin",
        "made_at": "2026-03-02T08:00:00Z",
        "commissioning_id": str(uuid.uuid4()),
        "body": {"station_id": "NEW-1", "cpo_id": CPO},
    }
    with httpx.Client(base_url=url, cookies=cookies, headers={"X-Stationlink": "phone"}, timeout=20) as phone:
        answer = phone.post("/field/sync", json={"operations": [wanted]})
    assert answer.json()["results"][0]["state"] == "accepted", answer.text


def test_an_address_without_a_server_is_said_without_the_password(tmp_path: Path) -> None:
    ran = run("cpo", "list", data=tmp_path / "d", STATIONLINK_DATABASE="postgresql://me:secret@127.0.0.1:1/x")
    refused(ran, "database")
    assert "secret" not in ran.err
