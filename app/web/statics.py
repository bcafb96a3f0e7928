"""Files from disk: the built phone app at its own paths, and what the desk needs under /static."""

from pathlib import Path

from litestar import Response, get
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.response import File
from litestar.router import Router
from litestar.static_files import create_static_files_router

HASHED = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)
ASK_AGAIN = CacheControlHeader(no_cache=True)

SHELL = {
    "/": ("index.html", "text/html"),
    "/sw.js": ("sw.js", "text/javascript"),
    "/manifest.webmanifest": ("manifest.webmanifest", "application/manifest+json"),
}
"""The app shell: always asked for again, since the names of all else change with their content."""


def static_routes(folder: Path) -> list[Router | HTTPRouteHandler]:
    """`folder` holds what is written by hand, `folder`/built what the phone app's build makes."""
    built = folder / "built"
    places = {
        "/assets": (built / "assets", HASHED),
        "/icons": (built / "icons", ASK_AGAIN),
        "/static": (folder, ASK_AGAIN),
    }
    routers = [
        create_static_files_router(path=path, directories=[place], cache_control=age, name=f"static{path}")
        for path, (place, age) in places.items()
    ]
    return [*(_shell(built / name, path, media_type) for path, (name, media_type) in SHELL.items()), *routers]


def _shell(place: Path, path: str, media_type: str) -> HTTPRouteHandler:
    @get(path, include_in_schema=False, sync_to_thread=False, cache_control=ASK_AGAIN)
    def serve() -> File | Response[str]:
        if not place.is_file():
            raise NotFoundException("the phone app is not built yet: use make run, or npm run build in pwa")
        return File(place, media_type=media_type, content_disposition_type="inline")

    return serve
