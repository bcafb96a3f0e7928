import type {
  CheckView, CommissioningView, Evse, LocationItem, Me, NewLocation, Operation, OperationBodies, OperationKind, Queued, Result, TemplateItem,
} from "../src/types";
import { newItem } from "../src/outbox";

export const ADA = { id: "person-ada", name: "Ada" };

export const ME: Me = {
  person: { ...ADA, phone: "+31 6 0000 0000", role: "installer", language: "en" },
  cpos: [],
  server: { version: "1", ocpp_url: "ws://localhost:9000/ocpp", public_url: "http://localhost:8000", ocpp_bound_seconds: 45, secure: false, demo: true },
  now: "2026-03-02T08:00:00Z",
};

export function check(key: string, more: Partial<CheckView> = {}): CheckView {
  const kind = (["location", "hardware", "texts", "online", "tests"].includes(key) ? key : "yes_no") as CheckView["kind"];
  return { key, kind, label: null, unit: null, minimum: null, maximum: null, state: "open", by: null, at: null, reason: null, detail: {}, ...more };
}

export function evse(number: number, more: Partial<Evse> = {}): Evse {
  return {
    uid: `E-${number}`, evse_id: null, evse_sequence_number: number, status: "UNKNOWN", capabilities: null, connectors: [],
    floor_level: null, physical_reference: null, directions: [], parking_restrictions: [], ...more,
  };
}

export function view(more: Partial<CommissioningView> = {}): CommissioningView {
  return {
    id: "c1", cpo_id: "ABC", station_id: "UTR-017", kind: "new", state: "open", begun: "2026-03-02T07:00:00Z", begun_by: ADA, person: ADA, mine: true,
    parked: null, label: null, checks: ["location", "hardware", "texts", "online", "tests"].map((key) => check(key)), location: null, template: null,
    station: null, none_checked: [],
    live: {
      connectivity_status: "Offline", online_since: null, offline_since: null, offline_reason: "never", seen: null, registration: "unknown",
      booted: null, boot: null, protocol_version: null, client_ip_address: null, connectors: [],
    },
    knocks: [], trials: [],
    connect: { url: "ws://localhost:9000/ocpp", identity: "UTR-017", subprotocol: "ocpp1.6", security_profile: null, password_set_at: null, password_used: false, password_changeable: true },
    handed_over: null, handed_over_by: null, released: null, note: null, plate_serial: null, stamp: 10, ...more,
  };
}

export function location(id: string, more: Partial<LocationItem> = {}): LocationItem {
  return {
    id, cpo_id: "ABC", name: `Place ${id}`, address: `${id} Street 1`, city: "Utrecht", postal_code: "3500 AA", country: "NLD",
    coordinates: null, distance_m: null, stations: 0, publish: true, ...more,
  };
}

export function newLocation(id: string): NewLocation {
  const { cpo_id, name, address, city, postal_code, country } = location(id);
  return { id, cpo_id, name, address, city, postal_code, country };
}

export const TWIN: TemplateItem = {
  template_id: "twin", name: "Twin AC 22 kW", used: 3,
  evse_templates: [1, 2].map((number) => ({
    evse_sequence_number: number, capabilities: ["RFID_READER"],
    connector_templates: [{ id: number, standard: "IEC_62196_T2", format: "SOCKET" as const, power_type: "AC_3_PHASE", voltage: 230, amperage: 32, max_electric_power: 22000 }],
  })),
};

let made = 0;
export function operation<K extends OperationKind>(kind: K, body: OperationBodies[K], commissioning: string | null = "c1"): Operation {
  return { id: `op-${++made}`, kind, made_at: "2026-03-02T08:00:00Z", commissioning_id: commissioning, body } as Operation;
}

export function queued(seq: number, op: Operation, more: Partial<Queued> = {}): Queued {
  return { ...newItem(op, ADA.id, {}), seq, ...more };
}

export function accepted(id: string): Result {
  return { id, state: "accepted", code: null, message: null, detail: {}, at: "2026-03-02T08:00:05Z" };
}

export function refused(id: string, code: string, detail: Record<string, unknown> = {}): Result {
  return { id, state: "refused", code, message: code, detail, at: "2026-03-02T08:00:05Z" };
}

export function later(id: string, code: string, detail: Record<string, unknown> = {}): Result {
  return { id, state: "later", code, message: code, detail, at: "2026-03-02T08:00:05Z" };
}
