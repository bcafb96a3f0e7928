"""How old a list is: a vendor's stations and locations are shown from a copy that is read now and then."""

from app.actions.connecting import PlatformInfo, platform_info
from app.desk.front import Visit
from app.domain.environments import Environment


async def listed(visit: Visit, cpo_id: str) -> list[PlatformInfo]:
    """The vendor's platform behind a list of this CPO, or of the first one; none where that is our own, and live."""
    shown = visit.cpo(cpo_id) if cpo_id else next(iter(visit.cpos), None)
    if shown is None:
        return []
    info = await platform_info(visit.ports, shown)
    return [] if info.environment == Environment.OWN else [info]
