"""The folder says which library may be imported; this is the table of it. One direction, no cycle, nothing hidden."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
    for path in sorted((ROOT / "app").rglob("*.py"))
}
CORE = "domain ports"
EDGE = "domain ports bus settings actions web labels"
TABLE = {  # ours | third party, beside msgspec
    "app": ("", ""),
    "app.domain": ("", ""),
    "app.ports": ("domain", ""),
    "app.settings": ("domain", ""),
    "app.bus": (CORE, ""),
    "app.store": (CORE, "asyncpg cryptography"),  # cryptography for the vault, which is keyed as digests are
    "app.platforms": (CORE, ""),
    "app.platforms.remote": (CORE + " bus", "httpx"),
    "app.push": (CORE + " bus", "httpx"),
    "app.ocpp": (CORE + " bus settings", "ocpp websockets"),
    "app.actions": (CORE + " bus", ""),
    "app.web": (CORE + " bus settings", "litestar"),
    "app.labels": ("domain", "qrcode"),
    "app.api": (EDGE, "litestar"),
    "app.field": (EDGE, "litestar"),
    "app.desk": (EDGE, "litestar jinja2 markupsafe"),
}
EVERYTHING = ("app.main", "app.cli", "app.__main__")
UNPREDICTABLE = {"random", "secrets", "time", "uuid", "os"}


def under(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def imports(tree: ast.AST) -> set[str]:
    """Full names of what a module imports; `from app.domain import model` is app.domain.model."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            found |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in MODULES else base for alias in node.names}
    return found


def allowed(module: str, name: str) -> bool:
    if any(under(module, package) for package in EVERYTHING):
        return True
    package = max((key for key in TABLE if under(module, key)), key=len)
    ours, theirs = TABLE[package]
    if under(name, "app"):
        return any(under(name, prefix) for prefix in [package, *(f"app.{each}" for each in ours.split())])
    top = name.split(".")[0]
    return top in sys.stdlib_module_names or top == "msgspec" or top in theirs.split()


def test_each_package_imports_only_what_its_line_of_the_table_allows() -> None:
    found = [(module, name) for module, tree in MODULES.items() for name in imports(tree)]
    broken = [f"{module}: {name}" for module, name in found if not allowed(module, name)]
    assert broken == []


def test_the_domain_has_no_clock_and_no_randomness_of_its_own() -> None:
    domain = {module: tree for module, tree in MODULES.items() if under(module, "app.domain")}
    assert [(m, n) for m, tree in domain.items() for n in imports(tree) & UNPREDICTABLE] == []
    calls = [n.attr for tree in domain.values() for n in ast.walk(tree) if isinstance(n, ast.Attribute)]
    assert {"now", "utcnow", "today"}.isdisjoint(calls)


def test_imports_go_one_way_without_a_cycle() -> None:
    graph = {module: {name for name in imports(tree) if name in MODULES} for module, tree in MODULES.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_no_import_hides_in_a_function_or_behind_a_condition() -> None:
    hidden = [
        f"{module}:{node.lineno}"
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom) and node not in getattr(tree, "body", [])
    ]
    assert hidden == []


def test_only_main_and_the_command_line_know_the_composition_root() -> None:
    knowing = {module for module, tree in MODULES.items() if "app.main" in imports(tree)}
    assert all(under(module, "app.cli") or module == "app.__main__" for module in knowing)


def test_only_settings_reads_the_environment() -> None:
    readers = {
        module
        for module, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers == {"app.settings"}
