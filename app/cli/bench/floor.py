"""The floor: a Litestar handler that answers bytes made before, on the server that Stationlink itself runs on."""

import argparse
import sys
from pathlib import Path
from typing import Any

import uvicorn
from litestar import Litestar, MediaType, Response, get

from app.cli.network import listen

SERVED: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "none",
    "lifespan": "off",
    "log_config": None,
    "access_log": False,
    "server_header": False,
}
"""As `serve` does it."""


def application(bodies: dict[str, bytes]) -> Litestar:
    @get("/{name:str}", media_type=MediaType.JSON)
    async def answer(name: str) -> Response[bytes]:
        return Response(bodies[name], media_type=MediaType.JSON)

    return Litestar([answer], openapi_config=None, logging_config=None)


def main(argv: list[str]) -> None:
    """`FOLDER`: a file for each answer. Prints the port when it listens; ends with its standard input."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    bodies = {each.name: each.read_bytes() for each in parser.parse_args(argv).folder.iterdir()}
    listener = listen("127.0.0.1", 0, "--port")
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(application(bodies), **SERVED)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1:])
