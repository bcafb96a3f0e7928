"""Commands that make something and print it, alone on a folder."""

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.store.folder import DATABASE
from tests.cli.conftest import CPO, ROOT, make_cpo, refused, run


def test_a_cpo_is_made_listed_and_made_once(data: Path) -> None:
    listed = run("cpo", "list", "--json", data=data).json
    assert [(cpo["cpo_id"], cpo["country_code"], cpo["party_id"]) for cpo in listed] == [(CPO, "NL", "ABC")]
    assert CPO in run("cpo", "list", data=data).out
    words = ["--country", "NL", "--party", "ABC", "--name", CPO, "--tariff", "T-AC", "--charger-type", "Public"]
    refused(run("cpo", "create", *words, data=data), CPO, "exists")


def test_the_policy_of_a_cpo_is_changed_by_what_is_said(data: Path) -> None:
    said = run("cpo", "policy", CPO, "--require", "reach", "--require", "charge", "--accept-no-load", data=data).out
    assert all(part in said for part in ("reach, charge", "without load passes", "go along"))
    told = run("cpo", "policy", CPO, "--findings-block", "--json", data=data).json
    assert told["required_trials"] == ["reach", "charge"]
    assert (told["accepts_no_load"], told["findings_block"]) == (True, True)
    told = run("cpo", "policy", CPO, "--require-any", "--no-findings-block", "--json", data=data).json
    assert (told["required_trials"], told["accepts_no_load"], told["findings_block"]) == ([], True, False)
    refused(run("cpo", "policy", "Nobody", "--require-any", data=data), "Nobody")


EXPECTED = """\
vendors: Alfen BV, Alfen
models: NG910
MaxCurrent = 32 # limit
MeterValueSampleInterval = 10..60 -> 30 # interval
MeterPassword = s3cret # secret
"""


def make_template(data: Path) -> str:
    with closing(sqlite3.connect(data / DATABASE)) as db, db:
        template = {"template_id": "twin", "name": "Twin", "evse_templates": []}
        db.execute(
            "INSERT INTO templates (template_id, rev, body) VALUES (?, 1, ?)", ("twin", json.dumps(template).encode())
        )
    return "twin"


def test_what_a_model_should_say_of_itself_is_read_and_told_without_its_secrets(data: Path) -> None:
    template = make_template(data)
    run("expect", template, "--set", "-", data=data, stdin=EXPECTED)
    told = run("expect", template, data=data).out
    assert told.splitlines()[:4] == EXPECTED.splitlines()[:4] and "MeterPassword = ... # secret" in told
    assert "s3cret" not in told and "s3cret" not in run("expect", template, "--json", data=data).out
    run("expect", template, "--set", "-", data=data, stdin=told.replace("32", "16"))
    assert "MaxCurrent = 16 # limit" in run("expect", template, data=data).out
    refused(run("expect", template, "--set", "-", data=data, stdin="MaxCurrent"), "line 1")
    refused(run("expect", "nothing", data=data), "nothing")


def test_the_folder_and_its_key_are_made_for_the_owner_alone(data: Path) -> None:
    assert (data / "digest.key").stat().st_size == 32
    modes = {path.name: path.stat().st_mode & 0o777 for path in (data, *data.iterdir())}
    assert modes.pop("data") == 0o700
    assert set(modes.values()) == {0o600}, modes


def test_a_token_is_printed_alone_and_cannot_be_read_back(data: Path) -> None:
    made = run("token", "create", "--cpo", CPO, "--module", "chargestations:rw", "--module", "locations:r", data=data)
    assert re.fullmatch(r"[A-Za-z0-9]{40}\n", made.out) and made.err == ""
    listed = run("token", "list", "--json", data=data)
    assert listed.json[0]["modules"] == {"chargestations": "rw", "locations": "r"}
    assert made.out.strip() not in listed.out
    revoked = run("token", "revoke", listed.json[0]["id"], "--json", data=data)
    assert revoked.json["revoked_at"] is not None
    assert "revoked" in run("token", "list", data=data).out


def test_a_token_is_changed_and_rotated_by_its_id(data: Path) -> None:
    words = ["--cpo", CPO, "--module", "locations:r", "--expires", "2999-01-31", "--per-minute", "60", "--json"]
    made = run("token", "create", *words, data=data).json
    assert (made["expires"], made["per_minute"], made["previous_until"]) == ("2999-01-31", 60, None)
    again = run("token", "rotate", made["id"], data=data)
    assert re.fullmatch(r"[A-Za-z0-9]{40}\n", again.out) and again.out.strip() != made["key"]
    more = ["--expires", "never", "--per-minute", "default", "--module", "locations:rwd", "--json"]
    changed = run("token", "change", made["id"], *more, data=data).json
    assert (changed["expires"], changed["per_minute"], changed["modules"]) == (None, None, {"locations": "rwd"})
    assert changed["previous_until"] is not None and changed["name"] == "unnamed"
    said = run("token", "change", made["id"], "--expires", "0", "--name", "CRM", "--per-minute", "0", data=data).out
    assert all(word in said for word in ("until 20", "CRM", "locations:rwd", "no limit", "never used"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["change", "no-such-id", "--name", "x"], "no-such-id"),
        (["change", "no-such-id"], "--expires"),
        (["rotate", "no-such-id"], "no-such-id"),
        (["rotate", "no-such-id", "--grace", "nan"], "hours"),
        (["create", "--cpo", CPO, "--module", "locations:r", "--expires", "soon"], "2027-01-31"),
        (["create", "--cpo", CPO, "--module", "locations:r", "--expires", "2001-01-31"], "expires"),
        (["create", "--cpo", CPO, "--module", "locations:r", "--per-minute", "many"], "--per-minute"),
    ],
)
def test_a_wrong_wish_for_a_token_is_refused_in_one_sentence(data: Path, words: list[str], said: str) -> None:
    refused(run("token", *words, data=data), said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cpo", "Nobody", "--module", "locations:r"], "Nobody"),
        (["--cpo", CPO, "--module", "locations"], "locations:rw"),
        (["--cpo", CPO, "--module", "cdrs:r"], "chargestations, locations"),
        (["--cpo", CPO, "--module", "locations:x"], "rw"),
    ],
)
def test_a_wrong_token_is_refused_in_one_sentence(data: Path, words: list[str], said: str) -> None:
    refused(run("token", "create", *words, data=data), said)


def test_an_invite_is_a_link_and_a_code(data: Path) -> None:
    shown = run("invite", "--role", "installer", "--cpo", CPO, "--name", "Sam", data=data).out
    assert re.match(
        r"http://localhost:8000/#/join/[A-Z0-9]{26}\ncode \d{3} \d{3}, works once, until \d\d:\d\d \(Amsterdam\)\n",
        shown,
    )
    made = run("invite", "--role", "admin", "--json", data=data, STATIONLINK_PUBLIC_URL="https://links.example/").json
    assert made["link"].startswith("https://links.example/desk/join/")
    assert re.fullmatch(r"\d{6}", made["code"])
    refused(run("invite", "--role", "installer", "--cpo", "Nobody", data=data), "Nobody")
    refused(run("invite", "--role", "support", data=data), f"--cpo is needed: one of {CPO}")


def test_an_invite_before_any_cpo_says_what_to_do_first(tmp_path: Path) -> None:
    refused(run("invite", "--role", "installer", data=tmp_path / "new"), "--cpo is needed", "cpo create")


def test_a_python_without_our_packages_is_told_so_in_one_line(tmp_path: Path) -> None:
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import app.cli.packages"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert (bare.returncode, bare.stdout, bare.stderr.count("\n")) == (2, "", 1)
    assert ".venv/bin/python -m app" in bare.stderr and "uvloop" in bare.stderr


def test_labels_are_codes_and_a_sheet_to_print(data: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "labels.html"
    made = run("labels", "--cpo", CPO, "--out", str(sheet), "--json", "A-1", "B 2|x", data=data)
    codes = [label["code"] for label in made.json]
    assert all(re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", code) for code in codes)
    text = sheet.read_text()
    assert all(code in text for code in codes) and text.count("<svg") == 2 and "B 2|x" in text
    again = run("labels", "--cpo", CPO, "-", data=data, stdin="A-1\n\n").out
    assert again.split()[:2] == [codes[0], "A-1"]
    one = tmp_path / "one.svg"
    assert run("labels", "--cpo", CPO, "--out", str(one), "--evse", "2", "A-1", data=data).code == 0
    assert one.read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cpo", "Nobody", "A-1"], "Nobody"),
        (["--cpo", CPO, "--out", "x.pdf", "A-1"], ".html"),
        (["--cpo", CPO, "--out", "x.svg", "A-1", "A-2"], ".html"),
        (["--cpo", CPO, "--out", "no/such/folder.html", "A-1"], "cannot be written"),
    ],
)
def test_a_label_that_cannot_be_made_is_refused_in_one_sentence(data: Path, words: list[str], said: str) -> None:
    refused(run("labels", *words, data=data), said)


def test_a_password_is_for_a_known_station(data: Path) -> None:
    refused(run("password", "NL-ABC-1", data=data), "NL-ABC-1", "not known")


def test_migrate_makes_the_database_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    assert run("migrate", "--json", data=folder).json["applied"]
    assert run("migrate", "--json", data=folder).json == {"applied": []}
    assert (folder / "digest.key").exists()


def test_a_backup_holds_the_database_and_its_key(data: Path, tmp_path: Path) -> None:
    archive, copy = tmp_path / "all.tar.gz", tmp_path / "copy"
    assert run("backup", str(archive), "--json", data=data).json["bytes"] == archive.stat().st_size
    assert archive.stat().st_mode & 0o777 == 0o600
    assert run("restore", str(archive), data=copy).code == 0
    assert (copy / "digest.key").read_bytes() == (data / "digest.key").read_bytes()
    assert run("cpo", "list", data=copy).out == run("cpo", "list", data=data).out


def test_restore_replaces_a_database_only_when_told_to(data: Path, tmp_path: Path) -> None:
    archive, other = tmp_path / "all.tar.gz", tmp_path / "other"
    assert run("backup", str(archive), data=data).code == 0
    assert run("migrate", data=other).code == 0
    refused(run("restore", str(archive), data=other), "--force")
    assert run("cpo", "list", data=other).out == ""
    assert run("restore", str(archive), "--force", data=other).code == 0
    assert CPO in run("cpo", "list", data=other).out
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(archive.read_bytes()[:2000])
    refused(run("restore", str(broken), "--force", data=other), "backup")
    assert CPO in run("cpo", "list", data=other).out


def test_a_database_without_its_key_is_never_given_another_one(data: Path) -> None:
    (data / "digest.key").unlink()
    refused(run("cpo", "list", data=data), "digest.key", "backup")
    assert not (data / "digest.key").exists()
    (data / "digest.key").write_bytes(b"short")
    refused(run("cpo", "list", data=data), "digest.key", "damaged")


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    refused(run("cpo", "list", data=tmp_path, STATIONLINK_PORT="many"), "STATIONLINK_PORT")
    refused(run("cpo", "list", data=tmp_path, STATIONLINK_COLOUR="red"), "STATIONLINK_COLOUR")


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    refused(run("cpo", "list", data=file / "data"), "folder")


def test_the_data_folder_may_come_from_the_environment(tmp_path: Path) -> None:
    make_cpo(tmp_path / "data")
    assert CPO in run("cpo", "list", STATIONLINK_DATA=str(tmp_path / "data")).out


def test_a_cpo_has_the_time_zone_of_its_country_unless_said(data: Path) -> None:
    def create(name: str, *more: str) -> list[str]:
        words = ["--country", "GB", "--party", name[:3], "--name", name, "--tariff", "T", "--charger-type", "Home"]
        return ["cpo", "create", *words, "--json", *more]

    assert run(*create("London"), data=data).json["time_zone"] == "Europe/London"
    assert run(*create("Jersey", "--time-zone", "Europe/Jersey"), data=data).json["time_zone"] == "Europe/Jersey"
    refused(run(*create("Nowhere", "--time-zone", "Nowhere/Zone"), data=data), "time_zone")
    refused(run(*create("Babel", "--language", "zz"), data=data), "language")


def test_help_says_what_each_command_and_choice_means() -> None:
    for group, what in (("cpo", "operators (CPOs)."), ("token", "keys for the platform API.")):
        shown = run(group, "--help").out
        assert f"example: python -m app {group}" in shown and what in shown
    assert "installer: the phone app" in run("invite", "--help").out
    assert "database" not in run("station", "--help").out
    assert "database" in run("invite", "--help").out
