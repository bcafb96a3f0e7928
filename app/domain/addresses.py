"""Hosts as people type them and resolvers answer them: this machine, and where no platform can be."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_loopback(host: str) -> bool:
    address = address_of(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def is_inside(host: str) -> bool:
    """Link-local and the like: where clouds keep what only a machine may know about itself."""
    address = address_of(host)
    return address is not None and (address.is_link_local or address.is_unspecified or address.is_multicast)


def is_numeric(host: str) -> bool:
    """An address of IPv4 that is not written as four decimal numbers, which resolvers read all the same."""
    last = host.rstrip(".").rpartition(".")[2]
    return address_of(host) is None and (last.isdigit() or last.startswith("0x"))


def address_of(host: str) -> Address | None:
    """None for a name. One of IPv4 within IPv6 is the one of IPv4."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
