"""Sockets and addresses of this machine, as phones and stations on the same network reach it."""

import errno
import ipaddress
import resource
import socket
from contextlib import suppress

from app.cli.command import CommandError

ANYWHERE = frozenset({"", "0.0.0.0", "::"})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SOMEWHERE_ELSE = ("192.0.2.1", 9)


def lan_address() -> str:
    """The address that other machines on the network see; loopback without a network. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE_ELSE)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def reachable_as(host: str) -> str:
    """What to put into links to a server that listens on `host`."""
    if host in LOOPBACK:
        return "localhost"
    address = lan_address() if host in ANYWHERE else host
    return f"[{address}]" if ":" in address else address


def names() -> list[str]:
    """Every name and address under which this machine may be called, for its certificate."""
    own = socket.gethostname().split(".")[0]
    found = {"localhost", "127.0.0.1", "::1", lan_address(), own, f"{own}.local"}
    return sorted(each for each in found if each and each.isascii())


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def allow_many_sockets() -> None:
    """As many open files as this user may have: each station and each phone takes one, and the usual 1,024 are few."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # some systems name a limit that they do not grant
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A bound TCP socket. Raises CommandError naming the setting when the port is taken or not allowed.

    The protocol is said: with 0 the loop leaves Nagle's algorithm on, which costs 40 ms a request.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(2048)
    except (OSError, OverflowError) as error:
        made.close()
        raise CommandError(_why(host, port, setting, error)) from error
    made.set_inheritable(False)
    return made


def _why(host: str, port: int, setting: str, error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"port {port} is in use already; choose another with {setting}"
    if code == errno.EACCES:
        return f"port {port} needs more rights than this user has; choose one above 1023 with {setting}"
    return f"cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or error}"


def free_port(host: str, port: int, setting: str) -> int:
    """The port itself when nobody has it, a free one for 0. Raises CommandError like `listen`."""
    with listen(host, port, setting) as probe:
        return int(probe.getsockname()[1])
