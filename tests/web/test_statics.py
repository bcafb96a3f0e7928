"""The app shell as a browser wants it: its own type once, and asked for again at every start."""

from pathlib import Path

from litestar import Litestar
from litestar.testing import TestClient

from app.web.statics import static_routes


def test_the_shell_is_typed_once_and_revalidated_and_hashed_files_are_kept(tmp_path: Path) -> None:
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    (built / "icons").mkdir()
    (built / "index.html").write_text("<!doctype html>")
    (built / "sw.js").write_text("1")
    (built / "assets" / "app-abc.js").write_text("2")
    with TestClient(Litestar(static_routes(tmp_path))) as client:
        index, worker, asset = client.get("/"), client.get("/sw.js"), client.get("/assets/app-abc.js")
    assert index.headers["content-type"] == "text/html; charset=utf-8"
    assert worker.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (index.headers["cache-control"], worker.headers["cache-control"]) == ("no-cache", "no-cache")
    assert "immutable" in asset.headers["cache-control"]


def test_without_a_build_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "built" / "assets").mkdir(parents=True)
    (tmp_path / "built" / "icons").mkdir()
    with TestClient(Litestar(static_routes(tmp_path))) as client:
        answer = client.get("/")
    assert answer.status_code == 404 and "make run" in answer.text
