"""What the phone reads: my commissionings, one of them, locations near me, station models."""

from collections import Counter
from datetime import timedelta

from litestar import get
from litestar.params import FromPath, FromQuery

from app.actions import places
from app.actions.names import Names
from app.actions.views import CommissioningView, commissioning_view, view
from app.actions.work import read_cpo
from app.domain.commissioning import Commissioning, CommissioningState
from app.domain.errors import Malformed
from app.field.answers import Home, Locations, TemplateItem, Templates
from app.field.join import ActorOf, PortsOf
from app.ports import LocationQuery

RECENT = timedelta(days=14)
MOST = 50


@get("/home")
async def home(ports: PortsOf, actor: ActorOf) -> Home:
    """My open commissionings, the newest change first, and what I finished lately."""
    stamp = await ports.store.last_fact()
    found = await ports.store.find(Commissioning, person_id=actor.person_id, order="-changed", limit=200)
    mine = [record for record, _ in found if actor.covers(record.cpo_id)]
    since = ports.clock.now() - RECENT
    current = [c for c in mine if c.state is CommissioningState.OPEN]
    recent = [c for c in mine if c.state is not CommissioningState.OPEN and c.changed > since][:MOST]
    names = Names(ports)
    return Home(
        open=[await view(ports, actor, c, stamp, names) for c in current],
        recent=[await view(ports, actor, c, stamp, names) for c in recent],
        stamp=stamp,
    )


@get("/commissionings/{commissioning_id:str}")
async def one(
    ports: PortsOf, actor: ActorOf, commissioning_id: FromPath[str], look: FromQuery[bool] = False
) -> CommissioningView:
    """As it is known. With `look` a vendor's platform is asked anew, and what it says comes by the stream."""
    shown = await commissioning_view(ports, actor, commissioning_id)
    if look:
        ports.watch.hurry(shown.station_id)
    return shown


@get("/locations")
async def locations(
    ports: PortsOf,
    actor: ActorOf,
    cpo: FromQuery[str],
    lat: FromQuery[float | None] = None,
    lon: FromQuery[float | None] = None,
    text: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> Locations:
    """Nearest first where the phone says where it is, else by search."""
    query = LocationQuery(
        cpo_ids=actor.cpo_ids,
        cpo_id=cpo,
        latitude=_degrees("lat", lat, 90),
        longitude=_degrees("lon", lon, 180),
        text=text or None,
        limit=max(1, min(limit, MOST)),
    )
    return Locations(await places.locations(ports, actor, query))


def _degrees(name: str, value: float | None, most: int) -> float | None:
    """What is no number at all is beyond any bound, too."""
    if value is not None and not abs(value) <= most:
        raise Malformed(f"{name} is not valid: expected degrees from -{most} to {most}")
    return value


@get("/templates")
async def templates(ports: PortsOf, actor: ActorOf, cpo: FromQuery[str]) -> Templates:
    """Station models, those that this CPO installs most first."""
    platform = ports.platforms.of(await read_cpo(ports, actor, cpo))
    done = await ports.store.find(Commissioning, cpo_id=cpo, order="-changed", limit=500)
    used = Counter(record.template_id for record, _ in done)
    items = [
        TemplateItem(
            template_id=template.template_id or "",
            name=template.name or template.template_id or "",
            used=used[template.template_id],
            evse_templates=template.evse_templates or [],
        )
        for template in await platform.templates(actor)
        if template.tenant_id in (None, cpo)
    ]
    return Templates(sorted(items, key=lambda item: (-item.used, item.name)))
