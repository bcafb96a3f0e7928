"""Demo data, made by the same actions that people use, in the order of time: its history reads like a real one."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from app.actions.commissionings import release
from app.actions.cpos import create_cpo
from app.actions.labels import make_label
from app.actions.operations import Wanted, perform
from app.actions.people import invite, join
from app.cli.demo_data import (
    DESK,
    DIRECTIONS,
    HOME_DIRECTIONS,
    HOME_PLACES,
    HOMES,
    INSTALLERS,
    MODELS,
    OPERATORS,
    PUBLIC,
    PUBLIC_PLACES,
    RESTRICTIONS,
    SUPPORT,
    UNMADE,
    Place,
    Worker,
)
from app.cli.demo_line import Line
from app.cli.demo_plan import BUSY, DONE, REFUSED, STATIONS, STOCK, UNRELEASED, Plan
from app.domain.commissioning import Commissioning
from app.domain.locations import PostLocation
from app.domain.model import AccessType, ChargerType, DeployState, GeoLocation, LocationType
from app.domain.people import SYSTEM, Actor, Cpo, Device, Person, Role, actor_for
from app.domain.scan import Label
from app.domain.stations import PostChargeStation
from app.field.sync import KINDS
from app.platforms.builtin import BuiltinPlatform
from app.platforms.remote.choice import PlatformChoice
from app.ports import Change, Ports, Put
from app.store.vault import Vault

LENGTH = timedelta(days=26)
"""How far back the story goes."""

GAP = timedelta(minutes=7)
"""Between two steps of one commissioning."""

DEVICE = "demo"
"""The name of the device that each person of the story has."""

Step = Callable[[], Awaitable[None]]


class StoryClock:
    """The time at which a step of the story is told."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def demo_id(text: str) -> str:
    """The same id at every start, so that a demo that was cut off goes on where it was."""
    return str(uuid5(NAMESPACE_URL, f"stationlink-demo:{text}"))


async def fill(ports: Ports) -> None:
    """Make the demo data, unless it is there. What people did with it since stays as it is."""
    if await ports.store.find(Label, charge_station_id=UNMADE[-1], limit=1):
        return
    await Story(ports, await _start(ports)).tell()


async def _start(ports: Ports) -> datetime:
    """The beginning of the story: that of the first try when it was cut off."""
    found = await ports.store.get(Cpo, PUBLIC)
    return found[0].created if found else ports.clock.now().replace(microsecond=0) - LENGTH


class Story:
    """Plays the plans of `demo_plan`, each step at its time, oldest first."""

    def __init__(self, ports: Ports, start: datetime) -> None:
        self._now = start + LENGTH
        self._clock = StoryClock(start)
        platform = BuiltinPlatform(ports.store, self._clock, ports.ids)
        vault = Vault(ports.digest_key)
        choice = PlatformChoice(platform, ports.store, self._clock, ports.ids, vault, ports.endpoints)
        self._ports = dataclasses.replace(ports, clock=self._clock, platforms=choice)
        self._platform = platform
        self._line = Line(self._ports)
        self._people: dict[str, Actor] = {}
        self._did: dict[str, datetime] = {}

    async def tell(self) -> None:
        await self._cpos()
        await self._places()
        for model in MODELS:
            await self._platform.save_template(SYSTEM, model)
        await self._team()
        for at, step in sorted(self._steps(), key=lambda pair: pair[0]):
            self._clock.moment = at
            await step()
        await self._seen()
        await self._labels()

    def _steps(self) -> list[tuple[datetime, Step]]:
        steps: list[tuple[datetime, Step]] = []
        for number, plan in enumerate(STATIONS):
            begun = self._working_time(plan.begun, number)
            if plan.known:
                arrived = self._now - timedelta(days=3) if plan.person is None else begun - timedelta(days=1)
                steps.append((arrived, self._arrive(plan)))
            if plan.person is not None:
                gap = min(GAP, plan.begun / 12)
                did = ("begin", *plan.steps, *(["park"] if plan.parked else []))
                steps += [(begun + gap * n, self._do(plan, name)) for n, name in enumerate(did)]
            if plan in DONE and plan.cpo_id == HOMES and plan.station_id != UNRELEASED:
                steps.append((begun + timedelta(hours=5), self._release(plan)))
        refused = self._now - timedelta(minutes=25)
        steps += [(refused + timedelta(minutes=n), self._refuse(n)) for n in range(3)]
        return steps

    def _working_time(self, ago: timedelta, number: int) -> datetime:
        """That long ago; whole days ago means in working hours, for people sleep."""
        moment = self._now - ago
        if ago < timedelta(days=1):
            return moment
        return moment.replace(hour=7 + number % 8, minute=number * 13 % 60, second=number * 29 % 60)

    # --- the scene ---------------------------------------------------------------------------------------------------

    async def _cpos(self) -> None:
        for spec in OPERATORS:
            if await self._ports.store.get(Cpo, spec["name"]) is None:
                await create_cpo(self._ports, SYSTEM, **spec)

    async def _places(self) -> None:
        for cpo_id, places in ((PUBLIC, PUBLIC_PLACES), (HOMES, HOME_PLACES)):
            for number, place in enumerate(places):
                if (cpo_id, number) in HOMES_OF_WORKERS:
                    continue
                if await self._ports.store.location(_place_id(cpo_id, number), evses=False) is None:
                    self._clock.moment += timedelta(minutes=1)
                    await self._platform.create_location(SYSTEM, _post(cpo_id, number, place))

    async def _team(self) -> None:
        await self._let_in(DESK, Role.ADMIN)
        await self._let_in(SUPPORT, Role.SUPPORT)
        for worker in INSTALLERS:
            await self._let_in(worker, Role.INSTALLER)

    async def _let_in(self, worker: Worker, role: Role) -> None:
        found = await self._ports.store.find(Person, phone=worker.phone, role=role)
        if found:
            person = found[0][0]
        else:
            self._clock.moment += timedelta(minutes=1)
            cpo_ids = list(worker.cpo_ids)
            made = await invite(self._ports, SYSTEM, role=role, cpo_ids=cpo_ids, name=worker.name, phone=worker.phone)
            person = (await join(self._ports, code=made.code, language="nl", device_name=DEVICE)).person
        self._people[worker.phone] = actor_for(person)

    # --- what happens to a station -----------------------------------------------------------------------------------

    def _arrive(self, plan: Plan) -> Step:
        async def arrive() -> None:
            if await self._ports.store.station(plan.station_id) is None:
                await self._platform.create_station(SYSTEM, _new_station(plan))

        return arrive

    def _do(self, plan: Plan, name: str) -> Step:
        async def step() -> None:
            actor = self._people[INSTALLERS[plan.person or 0].phone]
            self._noted(actor)
            if name == "online":
                await self._line.comes_and_goes(plan.station_id, plan.template_id)
            elif name == "test":
                await self._line.tested(actor, demo_id(plan.station_id), demo_id(plan.station_id + ":trial"))
            else:
                for kind, body in await self._bodies(plan, name):
                    await self._perform(actor, plan, kind, body)

        return step

    async def _perform(self, actor: Actor, plan: Plan, kind: str, body: dict[str, Any]) -> None:
        """As a phone does it; one that was done by an earlier try answers as before."""
        operation_id = demo_id(f"{plan.station_id}:{kind}:{body.get('evse_sequence_numbers', '')}")
        wanted = Wanted(
            id=operation_id,
            kind=kind,
            made_at=self._clock.moment,
            commissioning_id=demo_id(plan.station_id),
            body=msgspec.Raw(msgspec.json.encode(body)),
        )
        answer = await perform(self._ports, actor, wanted, KINDS)
        if answer.state != "accepted":
            raise RuntimeError(f"demo: {kind} of {plan.station_id} was refused: {answer.message}")

    async def _bodies(self, plan: Plan, name: str) -> list[tuple[str, dict[str, Any]]]:
        match name:
            case "begin":
                return [("begin", {"station_id": plan.station_id, "cpo_id": plan.cpo_id, "source": "scan"})]
            case "location":
                choose = ("choose_location", {"location_id": _place_id(plan.cpo_id, plan.place)})
                return [_home_made(plan), choose] if (plan.cpo_id, plan.place) in HOMES_OF_WORKERS else [choose]
            case "hardware":
                return [("apply_template", {"template_id": plan.template_id})]
            case "texts":
                return [("describe_evse", body) for body in await self._texts(plan)]
            case "password":
                return [("set_password", {"password": demo_id(plan.station_id).replace("-", "")[:20]})]
            case "park":
                reason, note, days = plan.parked or ("other", "", 0)
                until = (self._now + timedelta(days=days)).date().isoformat()
                return [("park", {"reason": reason, "note": note, "until": until})]
            case _:
                return [(name, {})]

    async def _texts(self, plan: Plan) -> list[dict[str, Any]]:
        choice = plan.place + len(plan.station_id)
        text = HOME_DIRECTIONS if plan.cpo_id == HOMES else DIRECTIONS[choice % len(DIRECTIONS)]
        limits = RESTRICTIONS[choice % len(RESTRICTIONS)] if plan.cpo_id == PUBLIC else ()
        model = next(each for each in MODELS if each.template_id == plan.template_id)
        numbers = [part.evse_sequence_number for part in model.evse_templates or []]
        both = [{"language": "nl", "text": text.nl}, {"language": "en", "text": text.en}]
        said = {"directions": both, "parking_restrictions": list(limits), "none_checked": not limits}
        return [
            {"evse_sequence_numbers": [n], "physical_reference": f"{plan.station_id[-4:]}-{n}", **said} for n in numbers
        ]

    def _refuse(self, turn: int) -> Step:
        async def refuse() -> None:
            password = demo_id(REFUSED).replace("-", "")[:20]
            tried = ("CHARGE-POINT-0000", password.encode().hex(), password.encode().hex())[turn]
            await self._line.refused(REFUSED, tried)

        return refuse

    def _release(self, plan: Plan) -> Step:
        async def step() -> None:
            current = await self._ports.store.get(Commissioning, demo_id(plan.station_id))
            if current is not None and current[0].released is None:
                await release(self._ports, self._people[SUPPORT.phone], current[0].id)
            self._noted(self._people[SUPPORT.phone])

        return step

    def _noted(self, actor: Actor) -> None:
        self._did[str(actor.person_id)] = self._clock.moment

    async def _seen(self) -> None:
        """People's devices were seen last when they last did something."""
        for device, rev in await self._ports.store.find(Device, person_id=set(self._did)):
            if device.name == DEVICE and device.seen < (last := self._did[device.person_id]):
                await self._ports.store.commit(Change(writes=(Put(msgspec.structs.replace(device, seen=last), rev),)))

    async def _labels(self) -> None:
        for plan in (*STOCK, *BUSY, *DONE[-4:]):
            await make_label(self._ports, SYSTEM, charge_station_id=plan.station_id, cpo_id=plan.cpo_id)
        for charge_station_id in UNMADE:
            cpo_id = PUBLIC if charge_station_id.startswith("DSL") else HOMES
            await make_label(self._ports, SYSTEM, charge_station_id=charge_station_id, cpo_id=cpo_id)


def _place_id(cpo_id: str, number: int) -> str:
    return demo_id(f"{cpo_id}:{number}")


HOMES_OF_WORKERS = {(plan.cpo_id, plan.place) for plan in (*BUSY, *DONE) if plan.cpo_id == HOMES}
"""A home is made on the phone of the installer who works there: others do not even see it."""


def _home_made(plan: Plan) -> tuple[str, dict[str, Any]]:
    post = _post(plan.cpo_id, plan.place, HOME_PLACES[plan.place])
    return "create_location", {"location": msgspec.to_builtins(post)}


def _post(cpo_id: str, number: int, place: Place) -> PostLocation:
    public = cpo_id == PUBLIC and number > 0
    indoors = place.type in (LocationType.PARKING_GARAGE, LocationType.UNDERGROUND_GARAGE)
    return PostLocation(
        id=_place_id(cpo_id, number),
        cpo_id=cpo_id,
        name=place.name,
        address=place.address,
        postal_code=place.postal_code,
        city=place.city,
        country="NLD",
        coordinates=GeoLocation(latitude=place.latitude, longitude=place.longitude),
        type=place.type,
        publish=public,
        access_type=AccessType.PUBLIC if public else AccessType.PRIVATE,
        facilities=["CARPORT"] if indoors else [],
    )


def _new_station(plan: Plan) -> PostChargeStation:
    return PostChargeStation(
        charge_station_id=plan.station_id,
        location_id=_place_id(plan.cpo_id, 0),
        deploy_state=DeployState.STOCK,
        default_charge_station_tariff_id=OPERATORS[0 if plan.cpo_id == PUBLIC else 1]["default_tariff_id"],
        charger_type=ChargerType.PUBLIC if plan.cpo_id == PUBLIC else ChargerType.HOME,
        charge_station_template_id=plan.template_id,
    )
