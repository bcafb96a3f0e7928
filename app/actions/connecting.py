"""Where a CPO's stations connect, and what the platform there is called: said on every page and typed into stations."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from app.actions.passwords import password_of
from app.domain.copies import STATIONS, ListReading, StationCopy, home_of
from app.domain.environments import BUILTIN, OTHER_ONE, Endpoint, Environment, environment_of
from app.domain.live import StationTuning
from app.domain.people import Actor, Cpo
from app.domain.profiles import Profile
from app.domain.trials import OFFERED, WAYS, How, TrialKind
from app.ports import Ports

SUBPROTOCOL = "ocpp1.6"
OWN_NAME = "Stationlink"
VENDOR_NAME = "GreenFlux"
REMOTE_COMMANDS = "remotecommands"


class PlatformInfo(Struct, kw_only=True):
    """`problem` is the code of why it was not readable last, `read_at` when its lists were read; both None for our own.

    `trials` are the tests that can be made there, the best one first; `ways` by kind how, for those that have ways.
    """

    environment: Environment
    name: str
    host: str | None
    ocpp_url: str | None
    sets_password: bool
    trials: list[TrialKind]
    ways: dict[str, list[How]]
    problem: str | None = None
    read_at: datetime | None = None


class World(Struct, frozen=True):
    """A platform by its name, and which of its environments."""

    name: str
    environment: Environment


class Elsewhere(Struct, frozen=True, kw_only=True):
    """The station is online on the other environment; `ocpp_url` is the one that it has to be changed to."""

    environment: Environment
    seen: datetime
    ocpp_url: str | None


class Connect(Struct, kw_only=True):
    """What has to be typed into the station; `url` is empty where nobody has told the platform's address.

    Most stations append their identity to ours as it stands, so it ends in a slash; a vendor's is given as it publishes
    it. `security_profile` is what we ask of it, None where that is the platform's business. A password of ours is known
    to the phone that made it only; a platform makes its own.
    """

    url: str
    identity: str
    security_profile: Profile | None = None
    subprotocol: str = SUBPROTOCOL
    password_by: Literal["stationlink", "platform"] = "stationlink"
    password_set_at: datetime | None
    password_used: bool
    password_changeable: bool


def endpoint_of(ports: Ports, cpo: Cpo) -> Endpoint | None:
    """None for our own platform."""
    return ports.endpoints.of(cpo.platform, cpo.platform_ocpp_url)


def world_of(ports: Ports, cpo: Cpo) -> World:
    endpoint = endpoint_of(ports, cpo)
    if endpoint is None:
        return World(OWN_NAME, environment(cpo))
    return World(endpoint.host if endpoint.environment is Environment.OTHER else VENDOR_NAME, environment(cpo))


async def remote_cpos(ports: Ports, actor: Actor) -> list[Cpo]:
    """Those of this person's CPOs whose stations live on a vendor's platform."""
    found = await ports.store.find(Cpo)
    return [cpo for cpo, _ in found if cpo.platform != BUILTIN and actor.covers(cpo.cpo_id)]


async def platform_info(ports: Ports, cpo: Cpo) -> PlatformInfo:
    endpoint = endpoint_of(ports, cpo)
    if endpoint is None:
        return PlatformInfo(
            environment=environment(cpo),
            name=OWN_NAME,
            host=None,
            ocpp_url=f"{ports.ocpp_url}/",
            sets_password=True,
            trials=own_trials(),
            ways=ways(cpo),
        )
    named = endpoint.environment is not Environment.OTHER
    readings = [reading for reading, _ in await ports.store.find(ListReading, home=home_of(cpo.platform, cpo.cpo_id))]
    return PlatformInfo(
        environment=environment(cpo),
        name=VENDOR_NAME if named else endpoint.host,
        host=endpoint.host,
        ocpp_url=endpoint.ocpp_url,
        sets_password=False,
        trials=remote_trials(cpo),
        ways=ways(cpo),
        problem=next((each.problem for each in readings if each.problem), None),
        read_at=next((each.complete for each in readings if each.what == STATIONS), None),
    )


def own_trials() -> list[TrialKind]:
    return list(OFFERED)


def remote_trials(cpo: Cpo) -> list[TrialKind]:
    """Restart it and ask it something where the token may, else charge with a card: nothing else of ours reaches it."""
    commanded = [TrialKind.REBOOT, TrialKind.REACH, TrialKind.CHARGE, TrialKind.WHICH]
    return commanded if may_command(cpo) else [TrialKind.CHARGE]


def may_command(cpo: Cpo) -> bool:
    """Whether commands of ours reach its stations: on a vendor's platform its token has to open them."""
    access = cpo.access.get(environment(cpo))
    return cpo.platform == BUILTIN or (access is not None and REMOTE_COMMANDS in access.modules)


def ways(cpo: Cpo) -> dict[str, list[How]]:
    """Without a test card of the CPO a charge begins with one that somebody holds. On a vendor's platform nobody tells
    of a plug, or of a charge that we began."""
    if cpo.platform != BUILTIN:
        kept = {TrialKind.WHICH: (How.UNLOCK, How.REBOOT), TrialKind.CHARGE: (How.CARD,)}
        return {kind.value: list(kept[kind]) for kind in remote_trials(cpo) if kind in kept}
    own = WAYS if cpo.test_cards else {**WAYS, TrialKind.CHARGE: (How.CARD,)}
    return {kind.value: list(hows) for kind, hows in own.items()}


def elsewhere_of(ports: Ports, cpo: Cpo, copy: StationCopy) -> Elsewhere | None:
    """What to tell somebody whose station came online on the environment that is not this CPO's."""
    here = endpoint_of(ports, cpo)
    other = OTHER_ONE.get(cpo.platform)
    if copy.elsewhere is None or here is None or other is None:
        return None
    return Elsewhere(environment=Environment(other), seen=copy.elsewhere, ocpp_url=here.ocpp_url)


async def connect(ports: Ports, cpo: Cpo, charge_station_id: str) -> Connect:
    endpoint = endpoint_of(ports, cpo)
    if endpoint is not None:
        return Connect(
            url=endpoint.ocpp_url or "",
            identity=charge_station_id,
            password_by="platform",
            password_set_at=None,
            password_used=False,
            password_changeable=False,
        )
    password = await password_of(ports, cpo.cpo_id, charge_station_id)
    used = bool(password and password.used)
    profile = await profile_of(ports, charge_station_id)
    secure = ports.ocpp_tls_url if profile is Profile.TLS else ""
    return Connect(
        url=f"{secure or ports.ocpp_url}/",
        identity=charge_station_id,
        security_profile=profile,
        password_set_at=password.set_at if password else None,
        password_used=used,
        password_changeable=not used,
    )


async def profile_of(ports: Ports, charge_station_id: str) -> Profile:
    """The station's own security profile, else the setting's."""
    found = await ports.store.get(StationTuning, charge_station_id)
    own = found[0].security_profile if found else None
    return ports.ocpp_profile if own is None else Profile(own)


def environment(cpo: Cpo) -> Environment:
    """own, acceptance, production or other: which world this CPO's stations live in."""
    return environment_of(cpo.platform)
