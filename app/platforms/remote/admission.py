"""What a token opens at a platform, asked with one small request for each module before the token is kept."""

from datetime import datetime

from app.domain.errors import PlatformKeyRefused, PlatformUnavailable, TokenOfOthers, TokenRefused
from app.domain.people import Access
from app.platforms.remote.heads import location_head
from app.platforms.remote.reading import LOCATIONS, STATIONS, TEMPLATES
from app.platforms.remote.wire import Wire

COMMANDS = "/api/1.0/remotecommands"
NOWHERE = "00000000-0000-4000-8000-000000000000"
READS = {"chargestations": STATIONS, "locations": LOCATIONS, "templates": TEMPLATES}


async def admit(wire: Wire, cpo_id: str, now: datetime) -> Access:
    """Raises TokenRefused, TokenOfOthers, and PlatformUnavailable when the platform cannot be asked."""
    modules = [name for name, path in READS.items() if await _opens(wire, path, cpo_id)]
    missing = sorted(READS.keys() - set(modules))
    if missing:
        raise TokenRefused(missing)
    await _require_ours(wire, cpo_id)
    if await _may_command(wire):
        modules.append("remotecommands")
    return Access(modules=modules, checked=now)


async def _opens(wire: Wire, path: str, cpo_id: str) -> bool:
    try:
        answer = await wire.call("GET", path, params={"cpoId": cpo_id, "limit": "1", "offset": "0"})
    except PlatformKeyRefused:
        return False
    return answer.accepted


async def _require_ours(wire: Wire, cpo_id: str) -> None:
    """A token that shows nothing of this CPO, and something of others, is theirs; where there is nothing, it may be."""
    ours = await _owners(wire, {"cpoId": cpo_id})
    if ours and cpo_id not in ours:
        raise TokenOfOthers(cpo_id, sorted(ours))
    if not ours and (others := await _owners(wire, {}) - {cpo_id}):
        raise TokenOfOthers(cpo_id, sorted(others))


async def _owners(wire: Wire, params: dict[str, str]) -> set[str]:
    answer = await wire.call("GET", LOCATIONS, params={**params, "limit": "1", "offset": "0", "exclude_evses": "true"})
    return {head.cpo_id for head in map(location_head, answer.rows()) if head.cpo_id is not None}


async def _may_command(wire: Wire) -> bool:
    """The result of a command that nobody sent: who says that it is not known has let us in; a plain 404 may be no
    module."""
    try:
        answer = await wire.call("GET", f"{COMMANDS}/{NOWHERE}/{NOWHERE}")
        return answer.http < 300 or (answer.missing and "not known" in answer.message)
    except PlatformUnavailable:
        return False
