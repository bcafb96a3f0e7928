"""What the README promises is what there is."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import main
from app.actions.commanding import Commanding
from app.actions.trials.running import Trials
from app.cli import parser
from app.cli.home import prepare
from app.domain import errors
from app.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def classes(root: type[errors.StationlinkError]) -> Iterator[type[errors.StationlinkError]]:
    yield root
    for each in root.__subclasses__():
        yield from classes(each)


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    lines = {line.split("`")[1]: line for line in README.splitlines() if line.startswith(f"| `{PREFIX}")}
    assert set(lines) == {PREFIX + name.upper() for name in Settings.__struct_fields__}
    for name, default in zip(Settings.__struct_fields__, Settings.__struct_defaults__, strict=True):
        said = lines[PREFIX + name.upper()].split("|")[2].strip().strip("`")
        if default not in ("", None):
            plain = (
                int(default) if isinstance(default, bool) else f"{default:g}" if isinstance(default, float) else default
            )
            assert said == str(plain), name


def test_every_error_code_is_in_the_readme() -> None:
    own = [each for each in classes(errors.StationlinkError) if each.__module__ == errors.__name__]
    table = README.split("## Error codes")[1].split("\n## ")[0]
    assert [each.code for each in own if f"`{each.code}`" not in table] == []


async def test_every_route_is_in_the_readme(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path))
    prepare(tmp_path)
    service = await main.build(settings)
    trials = Trials(service.ports, service.bus, seconds=1, command_seconds=1)
    commanding = Commanding(service.ports, service.bus, seconds=1)
    app = main._app(service.ports, service.bus, settings, trials, commanding, service.gateway)
    await service.ports.store.close()
    paths = {route.path.replace(":path}", "}").replace(":str}", "}") for route in app.routes}
    table = README.split("## Routes")[1].split("\n## ")[0]
    assert len(paths) > 40
    assert [path for path in sorted(paths) if f"`{path}`" not in table] == []


SINGLE = (
    "serve",
    "cpo",
    "expect",
    "token",
    "invite",
    "password",
    "labels",
    "station",
    "migrate",
    "backup",
    "restore",
    "schema",
)
DOUBLE = (
    ("cpo", "create"),
    ("cpo", "list"),
    ("cpo", "platform"),
    ("cpo", "policy"),
    ("token", "create"),
    ("token", "list"),
    ("token", "change"),
    ("token", "rotate"),
    ("token", "revoke"),
)


@pytest.mark.parametrize("words", [(), *((each,) for each in SINGLE), *DOUBLE], ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), pytest.raises(SystemExit) as ended:
        parser.main([*words, "--help"])
    assert ended.value.code == 0
    text = shown.getvalue()
    assert "usage: python -m app" in text
    if words and words not in (("cpo",), ("token",)):
        assert "--data DIR" in text
        assert f"`{' '.join(words)}`" in README or f"`{words[-1]}`" in README


def test_the_names_of_this_project_files_in_the_readme_exist() -> None:
    named = {word for word in README.replace("`", " ").split() if word.startswith(("app/", "tests/", "pwa/src"))}
    exact = [word.rstrip(".,;:") for word in named if "*" not in word and "NNN" not in word]
    assert len(exact) > 20
    assert [word for word in exact if not (ROOT / word).exists()] == []


def test_every_package_is_in_the_readme_with_its_reason() -> None:
    table = README.split("## Dependencies")[1].split("\n## ")[0].lower()
    text = (ROOT / "pyproject.toml").read_text().split("dependencies = [")[1].split("[tool.")[0]
    names = [
        line.strip().strip('",').split(">")[0].split("=")[0] for line in text.splitlines() if line.startswith('    "')
    ]
    assert len(names) > 15
    assert [name for name in names if name not in table] == []
