"""The demo's stations as they were heard in the past: through the same StationHost that live sockets use."""

from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

from app.actions.work import fact_of, read_commissioning
from app.cli.demo_data import HARDWARE, MODELS
from app.domain import commissioning as rules
from app.domain import trial_rules
from app.domain.facts import FactKind
from app.domain.live import Boot, ConnectorState, OfflineReason
from app.domain.model import ProtocolVersion
from app.domain.people import Actor
from app.domain.profiles import Profile
from app.domain.trials import Outcome, Trial, TrialKind
from app.platforms.host import OcppHost
from app.ports import Attempt, Change, Connection, Ports, Put

HEARTBEAT = 300


class Line:
    """What stations said at the time of the ports' clock."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._host = OcppHost(ports.store, ports.clock, ports.ids, ports.digest_key, Profile.PASSWORD)

    def _connection(self, charge_station_id: str) -> Connection:
        digits = uuid5(NAMESPACE_OID, charge_station_id).int
        return Connection(
            id=str(uuid5(NAMESPACE_OID, f"{charge_station_id}:socket")),
            charge_station_id=charge_station_id,
            address=f"10.{digits % 200 + 20}.{digits // 200 % 250}.{digits // 50_000 % 250 + 2}",
            endpoint=self._ports.ocpp_url,
            protocol_version=ProtocolVersion.OCPP16,
        )

    async def comes_and_goes(self, charge_station_id: str, template_id: str) -> None:
        """Connects, boots, reports its connectors, and is lost when the demo's past ends."""
        connection = self._connection(charge_station_id)
        vendor, model, firmware = HARDWARE[template_id]
        serial = f"{model.split()[0][:1]}{int(connection.id[:6], 16):08d}"
        boot = Boot(
            charge_point_vendor=vendor,
            charge_point_model=model,
            charge_point_serial_number=serial,
            firmware_version=firmware,
            iccid=f"8931 0000 {serial[1:5]} {serial[5:]}" if template_id != "wallbox-7" else None,
        )
        await self._host.connected(connection)
        await self._host.booted(charge_station_id, connection.id, boot, HEARTBEAT)
        for connector in _connectors(template_id):
            state = ConnectorState(status="Available", at=self._ports.clock.now())
            await self._host.connector_status(charge_station_id, connection.id, connector, state)
        await self._host.disconnected(charge_station_id, connection.id, OfflineReason.SERVER_RESTART)

    async def tested(self, actor: Actor, commissioning_id: str, trial_id: str) -> None:
        """A test with the answer of a station; nothing when this was told before."""
        current, rev = await read_commissioning(self._ports, actor, commissioning_id)
        if any(trial.id == trial_id for trial in current.trials):
            return
        now = self._ports.clock.now()
        deadline = now + timedelta(seconds=30)
        trial = Trial(id=trial_id, kind=TrialKind.REACH, started=now, deadline=deadline, by=actor.person_id)
        call = f'[2,"{trial_id[:8]}","GetConfiguration",{{"key":["HeartbeatInterval"]}}]'
        line = '{"key":"HeartbeatInterval","readonly":false,"value":"300"}'
        answer = f'[3,"{trial_id[:8]}",{{"configurationKey":[{line}]}}]'
        evidence = [{"at": rules.iso(now), "what": "frame", "text": text} for text in (call, answer)]
        tried = trial_rules.start(current, trial, now)
        ending = trial_rules.Ending(outcome=Outcome.ANSWERED, evidence=evidence)
        ended = trial_rules.end(tried, trial_id, ending, trial_rules.Policy(), now)
        said = {"trial": trial_id, "kind": trial.kind.value}
        facts = (
            fact_of(self._ports, actor, None, current, FactKind.TRIAL_STARTED, **said),
            fact_of(self._ports, actor, None, current, FactKind.TRIAL_ENDED, **said, outcome="answered", passed=True),
        )
        await self._ports.store.commit(Change(writes=(Put(ended, rev),), facts=facts))

    async def refused(self, charge_station_id: str, password: str) -> None:
        """One attempt with this password."""
        connection = self._connection(charge_station_id)
        attempt = Attempt(
            identity=charge_station_id,
            raw_path=f"/ocpp/{charge_station_id}",
            address=connection.address,
            endpoint=connection.endpoint,
            subprotocols=("ocpp1.6",),
            credentials=f"{charge_station_id}:{password}".encode(),
        )
        await self._host.knocked(attempt, await self._host.admit(attempt))


def _connectors(template_id: str) -> list[str]:
    model = next(each for each in MODELS if each.template_id == template_id)
    return [
        str(c.id) for part in model.evse_templates or [] for c in part.connector_templates or [] if c.id is not None
    ]
