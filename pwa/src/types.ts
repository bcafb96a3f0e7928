/** The phone's API as it travels: JSON in snake_case under /field/. Times are ISO 8601 in UTC. */

export type Iso = string;
export type Json = Record<string, unknown>;

export interface Who {
  id: string;
  name: string;
}
export type Environment = "own" | "acceptance" | "production" | "other";
/** Where a CPO's stations live. `problem` is the code of what keeps us from reading it; `read_at` when its list was read. */
export interface PlatformInfo {
  environment: Environment;
  name: string;
  host: string | null;
  ocpp_url: string | null;
  sets_password: boolean;
  trials: TrialKind[];
  problem: string | null;
  read_at: Iso | null;
}
export interface CpoInfo {
  cpo_id: string;
  name: string;
  country: string;
  language: string;
  charger_type: string;
  default_tariff_id: string;
  may_create_stations: boolean;
  may_create_locations: boolean;
  release_on: "hand_over" | "support";
  support_phone: string | null;
  environment: Environment;
  /** Missing in what a phone kept from an older server. */
  platform?: PlatformInfo;
}
export interface Me {
  person: { id: string; name: string; phone: string | null; role: string; language: string };
  cpos: CpoInfo[];
  server: {
    version: string;
    ocpp_url: string;
    public_url: string;
    ocpp_bound_seconds: number;
    secure: boolean;
    demo: boolean;
  };
  now: Iso;
}
export interface Invite {
  role: string;
  cpos: string[];
  name: string | null;
  phone: string | null;
  /** Somebody who exists is meant: their name and number stand, whatever is typed. */
  known: boolean;
  expires: Iso;
}

export interface Coordinates {
  latitude: string;
  longitude: string;
}
export interface LocationItem {
  id: string;
  cpo_id: string;
  name: string;
  address: string;
  city: string;
  postal_code: string;
  country: string;
  coordinates: Coordinates | null;
  distance_m: number | null;
  stations: number;
  publish: boolean;
}
export interface ConnectorTemplate {
  id: number;
  standard: string;
  format: "SOCKET" | "CABLE";
  power_type: string;
  voltage: number;
  amperage: number;
  max_electric_power: number | null;
}
export interface EvseTemplate {
  evse_sequence_number: number;
  capabilities: string[] | null;
  connector_templates: ConnectorTemplate[];
}
export interface TemplateItem {
  template_id: string;
  name: string;
  used: number;
  evse_templates: EvseTemplate[];
}

export type Restriction = "EV_ONLY" | "PLUGGED" | "DISABLED" | "CUSTOMERS" | "MOTORCYCLES";
export interface DisplayText {
  language: string;
  text: string;
}
export interface Connector {
  id: string | null;
  standard: string | null;
  format: "SOCKET" | "CABLE" | null;
  power_type: string | null;
  voltage: number | null;
  amperage: number | null;
  max_electric_power: number | null;
  tariff_id?: string | null;
}
export interface Evse {
  uid: string | null;
  evse_id: string | null;
  evse_sequence_number: number | null;
  status: string;
  capabilities: string[] | null;
  connectors: Connector[] | null;
  floor_level: string | null;
  physical_reference: string | null;
  directions: DisplayText[] | null;
  parking_restrictions: Restriction[] | null;
}
/** The fields of the ChargeStation wire document that the phone reads; the rest travels along untouched. */
export interface Station {
  charge_station_id: string;
  location_id: string | null;
  name?: string | null;
  deploy_state?: string;
  default_charge_station_tariff_id?: string | null;
  charger_type?: string | null;
  evses: Evse[] | null;
  charge_point_vendor?: string | null;
  charge_point_model?: string | null;
  charge_point_serial_number?: string | null;
  firmware_version?: string | null;
  connectivity_status?: string;
}

export type CheckKind =
  | "location" | "hardware" | "texts" | "online" | "tests" | "yes_no" | "text" | "reading" | "photo";
export type CheckState = "open" | "done" | "failed" | "waived";
export interface CheckView {
  key: string;
  kind: CheckKind;
  label: string | null;
  unit: string | null;
  minimum: number | null;
  maximum: number | null;
  state: CheckState;
  by: Who | null;
  at: Iso | null;
  reason: string | null;
  detail: Json;
}
export type ParkReason = "power" | "sim" | "network" | "part" | "access" | "other";
export interface Parked {
  reason: ParkReason;
  note: string | null;
  until: string | null;
}
export interface LiveView {
  connectivity_status: "Online" | "Offline";
  online_since: Iso | null;
  offline_since: Iso | null;
  offline_reason: string;
  seen: Iso | null;
  registration: string;
  booted: Iso | null;
  boot: Record<string, string | null> | null;
  protocol_version: string | null;
  client_ip_address: string | null;
  connectors: { id: string; status: string; error_code: string; info: string | null; at: Iso }[];
}
export interface KnockView {
  at: Iso;
  reason: string;
  address: string;
  identity: string;
  subprotocols: string[];
}
export type TrialKind = "trigger" | "reboot" | "charge";
export interface TrialView {
  id: string;
  kind: TrialKind;
  state: "running" | "passed" | "failed";
  outcome: string | null;
  started: Iso;
  deadline: Iso;
  ended: Iso | null;
  by: Who | null;
  evidence: { at: Iso; what: string; text?: string }[];
}
export interface ConnectView {
  url: string;
  identity: string;
  subprotocol: string;
  password_set_at: Iso | null;
  password_used: boolean;
  password_changeable: boolean;
  password_by?: "stationlink" | "platform";
}
/** The station was seen online on another environment; `ocpp_url` is the one that it must be changed to. */
export interface Elsewhere {
  environment: Environment;
  seen: Iso;
  ocpp_url: string | null;
}
export interface CommissioningView {
  id: string;
  cpo_id: string;
  station_id: string;
  kind: "new" | "replace" | "move" | "revisit" | "remove";
  state: "open" | "handed_over" | "abandoned";
  begun: Iso;
  begun_by: Who;
  person: Who;
  mine: boolean;
  parked: Parked | null;
  label: string | null;
  checks: CheckView[];
  location: LocationItem | null;
  template: { template_id: string; name: string } | null;
  station: Station | null;
  none_checked: number[];
  live: LiveView;
  knocks: KnockView[];
  trials: TrialView[];
  connect: ConnectView;
  /** When the vendor's data was read; null for our own, which is always live. */
  read_at?: Iso | null;
  elsewhere?: Elsewhere | null;
  handed_over: Iso | null;
  handed_over_by: Who | null;
  released: Iso | null;
  note: string | null;
  stamp: number;
}
export interface Home {
  open: CommissioningView[];
  recent: CommissioningView[];
  stamp: number;
}
export type ScanSource = "scan" | "photo" | "typed";
export interface Lookup {
  outcome: "station" | "new_station" | "unknown" | "choose" | "unreadable";
  reason: string | null;
  text: string;
  station_id: string | null;
  label: string | null;
  evse_sequence_number: number | null;
  cpo_id: string | null;
  cpo_ids: string[];
  nearest: string[];
  may_create: boolean;
  candidates: string[];
  station: Station | null;
  location: LocationItem | null;
  commissioning: CommissioningView | null;
  last: { handed_over: Iso | null; by: Who | null } | null;
}

export interface OperationBodies {
  begin: { station_id: string; cpo_id: string; label?: string; source: ScanSource; evse_sequence_number?: number };
  continue: Record<string, never>;
  create_location: { location: NewLocation };
  choose_location: { location_id: string; base?: string | null };
  apply_template: { template_id: string };
  describe_evse: DescribeBody;
  set_password: { password: string };
  answer_check: { check: string; value: boolean | string | number };
  waive_check: { check: string; reason: string };
  reopen_check: { check: string };
  park: { reason: ParkReason; note?: string; until?: string };
  resume: Record<string, never>;
  hand_over: { note?: string };
  abandon: Record<string, never>;
}
export type OperationKind = keyof OperationBodies;
export interface NewLocation {
  id: string;
  cpo_id: string;
  name: string;
  address: string;
  city: string;
  postal_code: string;
  country: string;
  coordinates?: Coordinates;
  type?: string;
}
/** What the phone saw in the EVSE before it wrote, so that somebody else's newer words are not overwritten. */
export interface EvseTexts {
  directions: DisplayText[];
  parking_restrictions: Restriction[];
  floor_level: string | null;
  physical_reference: string | null;
}
export interface DescribeBody {
  evse_sequence_numbers: number[];
  directions?: DisplayText[];
  parking_restrictions?: Restriction[];
  none_checked?: boolean;
  floor_level?: string | null;
  physical_reference?: string | null;
  base?: Record<string, Partial<EvseTexts>>;
}
export type Operation = {
  [K in OperationKind]: { id: string; kind: K; made_at: Iso; commissioning_id: string | null; body: OperationBodies[K] };
}[OperationKind];
export interface Result {
  id: string;
  /** "later": nothing was stored, it is sent again. */
  state: "accepted" | "refused" | "later";
  code: string | null;
  message: string | null;
  detail: Json;
  at: Iso;
}
export interface SyncAnswer {
  results: Result[];
  commissionings: CommissioningView[];
}

/** Beside the operation, on this phone only: what the screens need to show it before the server answers. */
export interface Hint {
  station_id?: string;
  location?: LocationItem;
  template?: TemplateItem;
}
export type QueueState = "queued" | "sending" | "accepted" | "refused";
/** One line of the outbox. `seq` is its order on this phone; `person_id` its maker, the only one it is sent for. */
export interface Queued {
  seq: number;
  op: Operation;
  person_id: string;
  state: QueueState;
  tries: number;
  hint: Hint;
  result: Result | null;
  settled_at: Iso | null;
}
