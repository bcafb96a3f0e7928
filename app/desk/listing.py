"""How old a list is: a vendor's stations and locations are shown from a copy that is read now and then."""

from app.actions.connecting import PlatformInfo, platform_info
from app.desk.front import Visit
from app.domain.environments import Environment


async def listed(visit: Visit, cpo_id: str) -> list[PlatformInfo]:
    """The vendors' platforms behind a list, each once; none where everything is our own and live."""
    wanted = [cpo for cpo in visit.cpos if cpo_id in ("", cpo.cpo_id)]
    infos = [await platform_info(visit.ports, cpo) for cpo in wanted]
    theirs = [info for info in infos if info.environment != Environment.OWN]
    return list({(info.name, info.environment, info.problem): info for info in theirs}.values())
