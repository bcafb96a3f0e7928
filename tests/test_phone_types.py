"""The phone app is built on types of our own OpenAPI document: where the API drifts from what it uses, no build."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.main import schema

PWA = Path(__file__).parent.parent / "pwa"
TYPES = "node_modules/.api"
SECONDS = 100


def renamed(schema: dict[str, Any], old: str, new: str) -> None:
    schema["properties"] = {new if name == old else name: value for name, value in schema["properties"].items()}
    schema["required"] = [new if name == old else name for name in schema["required"]]


def drifted(schemas: dict[str, Any]) -> set[str]:
    """Four ways to drift at once; the words that a compiler has to name."""
    renamed(schemas["CpoInfo"], "support_phone", "support_number")
    renamed(schemas["DescribeEvse"], "none_checked", "none_seen")
    schemas["ParkReason"]["enum"].remove("sim")
    operations = schemas["Operation"]["anyOf"]
    operations[:] = [each for each in operations if each["properties"]["kind"]["const"] != "hand_over"]
    return {"support_phone", "none_checked", "sim", "hand_over"}


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    """The phone's sources beside the very packages that they are built with, and room for types of its own."""
    ours = shutil.ignore_patterns("node_modules", "dist")
    copy = Path(shutil.copytree(PWA, tmp_path / "pwa", ignore=ours))
    (copy / TYPES).mkdir(parents=True)
    for package in (PWA / "node_modules").iterdir():
        if package.name != ".api":
            (copy / "node_modules" / package.name).symlink_to(package.resolve())
    return copy


def built(phone: Path, document: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """As `make` does: types from the document, then the check of `npm run build`."""
    (phone / TYPES / "schema.json").write_text(json.dumps(document))
    scripts = json.loads((phone / "package.json").read_text())["scripts"]
    node_of(phone, *scripts["types"].split()).check_returncode()
    first = scripts["check"].split(" && ")[0]
    return node_of(phone, *first.split())


def node_of(phone: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    own = PWA.parent / ".venv" / "node"
    node = shutil.which("node", path=f"{own}{os.pathsep}{os.environ['PATH']}")
    assert node is not None, "Node is missing: `make test` brings it"
    command = [node, f"node_modules/.bin/{program}", *arguments]
    return subprocess.run(command, cwd=phone, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_a_document_that_drifts_from_what_the_phone_uses_fails_its_build(phone: Path) -> None:
    document = json.loads(schema())
    words = drifted(document["components"]["schemas"])
    done = built(phone, document)
    assert done.returncode != 0, "the phone was built on an API that it does not fit"
    assert {word for word in words if re.search(rf"\b{word}\b", done.stdout)} == words, done.stdout
    assert "TS2307" not in done.stdout, "a module is missing: it failed for another reason"


def test_the_document_as_it_is_fits_the_phone(phone: Path) -> None:
    done = built(phone, json.loads(schema()))
    assert done.returncode == 0, done.stdout
