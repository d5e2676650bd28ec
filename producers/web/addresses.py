"""Which addresses may be connected to: no private, loopback or link-local one unless its host is allowed by setting.

A name is resolved once, every address is checked, and the connection goes to what was checked (by address, with the
name kept for TLS and the Host header). So a name that changes its answer between check and use (DNS rebinding) gains
nothing. See docs/adr/021-fetch-only-public-addresses.md.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

from schemas.errors import SourceError

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port to addresses (as text)."""

ANY_HOST = "*"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: carries an IPv4 address in its last 32 bits


async def resolve(host: str, port: int) -> Sequence[str]:
    """Addresses by the system's resolver. Raises SourceError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceError(f"{host}: the name does not resolve ({error})", hint="check the address") from error
    return list(dict.fromkeys(str(info[4][0]) for info in found))


async def checked_addresses(host: str, port: int, allowed: frozenset[str], resolver: Resolver) -> Sequence[str]:
    """Addresses that may be connected to. One forbidden address spoils the name. Raises SourceError."""
    addresses = await resolver(host, port)
    if not addresses:
        raise SourceError(f"{host}: the name has no address")
    if not (allowed & {ANY_HOST, host.lower()}):
        for address in addresses:
            if not is_public(address):
                raise SourceError(
                    f"{host} is at {address}, which is not a public address",
                    hint="if this is wanted, add the host to allow_private_hosts",
                )
    return addresses


def is_public(address: str) -> bool:
    """Whether an address is reachable for all; an IPv4 address inside an IPv6 one is what counts."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved
