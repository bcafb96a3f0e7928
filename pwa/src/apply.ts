import type {
  CheckState, CheckView, CommissioningView, DescribeBody, Evse, EvseTemplate, Hint, LocationItem, Me, NewLocation,
  Operation, Station, Who,
} from "./types";

/** Who acts, for the names that an operation does not carry. */
export interface Context {
  me: Me | null;
  hint: Hint;
}

const NEW_CHECKS = ["location", "hardware", "texts", "online", "tests"] as const;

/**
 * The view as it will look once the server has done this operation; the screens show it at once and after a reload
 * without signal. Returns null where there is nothing to show yet. Never changes what it was given.
 */
export function apply(view: CommissioningView | null, op: Operation, context: Context): CommissioningView | null {
  if (op.kind === "begin") return view ?? begun(op, context);
  if (!view) return null;
  const who = person(context.me) ?? view.person;
  switch (op.kind) {
    case "continue":
      return { ...view, person: who, mine: true };
    case "create_location":
      return view;
    case "choose_location":
      return withLocation(view, context.hint, op.made_at, who);
    case "apply_template":
      return withTemplate(view, op.body.template_id, context.hint, op.made_at, who);
    case "describe_evse":
      return described(view, op.body, op.made_at, who);
    case "set_password":
      return { ...view, connect: { ...view.connect, password_set_at: op.made_at, password_used: false } };
    case "adopt":
      return adopted(view, context.hint, op.made_at, who);
    case "answer_check":
      return answered(view, op.body.check, op.body.value, op.made_at, who);
    case "waive_check":
      return settle(view, op.body.check, "waived", op.made_at, who, op.body.reason);
    case "reopen_check":
      return settle(view, op.body.check, "open", null, null);
    case "set_serial":
      return { ...view, plate_serial: op.body.serial.trim() || null };
    case "take_serial":
    case "accept_finding":
    case "swap_sockets":
      return view;
    case "park":
      return { ...view, parked: { reason: op.body.reason, note: op.body.note ?? null, until: op.body.until ?? null } };
    case "resume":
      return { ...view, parked: null };
    case "hand_over":
      return { ...view, state: "handed_over", parked: null, handed_over: op.made_at, handed_over_by: who, note: op.body.note ?? null };
    case "abandon":
      return { ...view, state: "abandoned", parked: null };
  }
}

function person(me: Me | null): Who | null {
  return me && { id: me.person.id, name: me.person.name };
}

function blankCheck(kind: (typeof NEW_CHECKS)[number]): CheckView {
  return {
    key: kind, kind, label: null, unit: null, minimum: null, maximum: null,
    state: "open", by: null, at: null, reason: null, detail: {},
  };
}

function begun(op: Extract<Operation, { kind: "begin" }>, { me }: Context): CommissioningView {
  const who = person(me) ?? { id: "", name: "" };
  return {
    id: op.commissioning_id ?? op.id, cpo_id: op.body.cpo_id, station_id: op.body.station_id, kind: "new", state: "open",
    begun: op.made_at, begun_by: who, person: who, mine: true, parked: null, label: op.body.label ?? null,
    checks: NEW_CHECKS.map(blankCheck), location: null, template: null, station: null, none_checked: [],
    live: {
      connectivity_status: "Offline", online_since: null, offline_since: null, offline_reason: "never", seen: null,
      registration: "unknown", booted: null, boot: null, protocol_version: null, client_ip_address: null, connectors: [],
    },
    knocks: [], strangers: [], adopted: null, trials: [],
    connect: {
      url: me?.server.ocpp_url ?? "", identity: op.body.station_id, subprotocol: "ocpp1.6",
      security_profile: null, password_set_at: null, password_used: false, password_changeable: true,
    },
    handed_over: null, handed_over_by: null, released: null, note: null, plate_serial: null, stamp: 0,
  };
}

/** The station's own id, which the hint has: the attempt itself may be gone from the view by now. */
function adopted(view: CommissioningView, { station_id: id }: Hint, at: string, by: Who): CommissioningView {
  if (!id || id === view.station_id) return view;
  const station = view.station && { ...view.station, charge_station_id: id };
  const word = { station_id: view.adopted?.station_id ?? view.station_id, password: false, by, at };
  return {
    ...view, station_id: id, station, strangers: [], adopted: word,
    connect: { ...view.connect, identity: id, password_set_at: null, password_used: false },
  };
}

function settle(
  view: CommissioningView, key: string, state: CheckState, at: string | null, by: Who | null,
  reason: string | null = null, detail: CheckView["detail"] = {},
): CommissioningView {
  const checks = view.checks.map((check) => (check.key === key ? { ...check, state, at, by, reason, detail } : check));
  return { ...view, checks };
}

/** Location and model may be chosen in either order; the station exists, and its hardware is settled, with both. */
function withLocation(view: CommissioningView, hint: Hint, at: string, who: Who): CommissioningView {
  const placed = settle({ ...view, location: hint.location ?? view.location }, "location", "done", at, who);
  if (placed.station || !placed.template) return placed;
  const station = hint.template ? rebuilt(placed, hint.template.evse_templates) : null;
  return judgeTexts(settle({ ...placed, station }, "hardware", "done", at, who), at, who);
}

function withTemplate(view: CommissioningView, templateId: string, hint: Hint, at: string, who: Who): CommissioningView {
  const name = hint.template?.name ?? view.template?.name ?? templateId;
  const chosen = { ...view, template: { template_id: templateId, name } };
  if (!chosen.station && !chosen.location) return chosen;
  const station = hint.template ? rebuilt(chosen, hint.template.evse_templates) : chosen.station;
  return judgeTexts(settle({ ...chosen, station }, "hardware", "done", at, who), at, who);
}

/** EVSEs are made anew from the template; texts stay where the sequence number survives (platform-api 6.3). */
function rebuilt(view: CommissioningView, templates: EvseTemplate[]): Station {
  const before = new Map((view.station?.evses ?? []).map((evse) => [evse.evse_sequence_number, evse]));
  const evses = templates.map((template): Evse => {
    const kept = before.get(template.evse_sequence_number);
    return {
      uid: kept?.uid ?? null, evse_id: kept?.evse_id ?? null, evse_sequence_number: template.evse_sequence_number,
      status: kept?.status ?? "UNKNOWN", capabilities: template.capabilities,
      connectors: (template.connector_templates ?? []).map((connector) => ({ ...connector, id: String(connector.id) })),
      floor_level: kept?.floor_level ?? null, physical_reference: kept?.physical_reference ?? null,
      directions: kept?.directions ?? [], parking_restrictions: kept?.parking_restrictions ?? [],
    };
  });
  const base = view.station ?? { charge_station_id: view.station_id, location_id: view.location?.id ?? null };
  return { ...base, evses };
}

function described(view: CommissioningView, body: DescribeBody, at: string, who: Who): CommissioningView {
  if (!view.station) return view;
  const meant = new Set(body.evse_sequence_numbers);
  const evses = (view.station.evses ?? []).map((evse) =>
    evse.evse_sequence_number !== null && meant.has(evse.evse_sequence_number) ? retexted(evse, body) : evse,
  );
  const changed = { ...view, station: { ...view.station, evses }, none_checked: noneChecked(view.none_checked, body) };
  return judgeTexts(changed, at, who);
}

function retexted(evse: Evse, body: DescribeBody): Evse {
  return {
    ...evse,
    directions: body.directions ?? evse.directions,
    parking_restrictions: body.parking_restrictions ?? evse.parking_restrictions,
    floor_level: body.floor_level === undefined ? evse.floor_level : body.floor_level,
    physical_reference: body.physical_reference === undefined ? evse.physical_reference : body.physical_reference,
  };
}

function noneChecked(before: number[], body: DescribeBody): number[] {
  if (body.none_checked === undefined) return before;
  const kept = before.filter((number) => !body.evse_sequence_numbers.includes(number));
  return body.none_checked ? [...kept, ...body.evse_sequence_numbers].sort((a, b) => a - b) : kept;
}

/** An EVSE is described when it has directions, and restrictions or the word that there are none. */
export function isDescribed(evse: Evse, noneChecked: number[]): boolean {
  const limits = Boolean(evse.parking_restrictions?.length) || noneChecked.includes(evse.evse_sequence_number ?? 0);
  return Boolean(evse.directions?.some((one) => one.text.trim())) && limits;
}

export function undescribed(view: CommissioningView): number[] {
  const evses = view.station?.evses ?? [];
  return evses.flatMap((evse, i) => (isDescribed(evse, view.none_checked) ? [] : [evse.evse_sequence_number ?? i + 1]));
}

function judgeTexts(view: CommissioningView, at: string, who: Who): CommissioningView {
  const waived = view.checks.some((check) => check.kind === "texts" && check.state === "waived");
  if (waived) return view;
  const missing = undescribed(view);
  const complete = Boolean(view.station?.evses?.length) && missing.length === 0;
  if (complete) return settle(view, "texts", "done", at, who);
  return settle(view, "texts", "open", null, null, null, { missing });
}

/** The same judgement as the server's: a "no" and a reading outside its limits have failed. */
export function verdict(check: CheckView, value: boolean | string | number): CheckState {
  if (check.kind === "yes_no") return value === true ? "done" : "failed";
  if (check.kind !== "reading") return "done";
  const within = (check.minimum === null || Number(value) >= check.minimum) && (check.maximum === null || Number(value) <= check.maximum);
  return within ? "done" : "failed";
}

function answered(view: CommissioningView, key: string, value: boolean | string | number, at: string, who: Who): CommissioningView {
  const check = view.checks.find((one) => one.key === key);
  return check ? settle(view, key, verdict(check, value), at, who, null, { value }) : view;
}

/** A location as the picker shows it, before the server knows it. */
export function asItem(location: NewLocation): LocationItem {
  const { id, cpo_id, name, address, city, postal_code, country } = location;
  return {
    id, cpo_id, name, address, city, postal_code, country,
    coordinates: location.coordinates ?? null, distance_m: null, stations: 0, publish: false,
  };
}
