"""What the camera read or a person typed."""

from litestar import get
from litestar.params import FromQuery

from app.actions.lookup import Lookup, look_up
from app.field.join import ActorOf, PortsOf


@get("/lookup")
async def lookup(ports: PortsOf, actor: ActorOf, text: FromQuery[str]) -> Lookup:
    """Is this my station?"""
    return await look_up(ports, actor, text)
