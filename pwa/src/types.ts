/**
 * The phone's API as it travels: JSON in snake_case under /field/, times in ISO 8601 in UTC. The shapes are generated
 * from the server's OpenAPI (`make` does it): here they only get the phone's names, and what a phone may have kept from an
 * older server may be missing.
 */
import type { components } from "../node_modules/.api/types";

type Api = components["schemas"];
type Since<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

export type Iso = string;
export type Json = Record<string, unknown>;

export type Who = Api["Who"];
export type Environment = Api["Environment"];
export type PlatformInfo = Api["PlatformInfo"];
export type CpoInfo = Since<Api["CpoInfo"], "platform">;
export type Me = Omit<Api["Me"], "cpos"> & { cpos: CpoInfo[] };
export type Invite = Api["InviteInfo"];

export type Coordinates = Api["GeoLocation"];
export type LocationItem = Api["LocationItem"];
export type ConnectorTemplate = Api["ConnectorTemplate"];
export type EvseTemplate = Api["EvseTemplate"];
export type TemplateItem = Api["TemplateItem"];

export type Restriction = Api["ParkingRestriction"];
export type DisplayText = Api["DisplayText"];
type ConnectorKeys = "id" | "standard" | "format" | "power_type" | "voltage" | "amperage" | "max_electric_power";
export type Connector = Pick<Api["Connector"], ConnectorKeys> & Partial<Api["Connector"]>;
type EvseKeys =
  | "uid" | "evse_id" | "evse_sequence_number" | "status" | "capabilities" | "floor_level" | "physical_reference" | "directions"
  | "parking_restrictions";
export type Evse = Pick<Api["Evse"], EvseKeys> & Omit<Partial<Api["Evse"]>, "connectors"> & { connectors: Connector[] | null };
/** A vendor's platform may leave out what ours always sends. */
export type Station = Pick<Api["ChargeStation"], "charge_station_id"> & Omit<Partial<Api["ChargeStation"]>, "location_id" | "evses"> & {
  location_id: string | null;
  evses: Evse[] | null;
};

export type CheckKind = Api["CheckKind"];
export type CheckState = Api["CheckState"];
export type CheckView = Api["CheckView"];
export type ParkReason = Api["ParkReason"];
export type Parked = Api["ParkedView"];
type Axes = "rung" | "rung_since" | "cause" | "ear" | "deaf_since" | "skew_seconds";
export type LiveView = Since<Api["LiveView"], Axes & keyof Api["LiveView"]>;
export type KnockView = Api["KnockView"];
export type StrangerView = Api["StrangerView"];
export type RequestView = Api["RequestView"];
export type FindingView = Api["FindingView"];
export type ConnectView = Since<Api["Connect"], "password_by">;
export type Elsewhere = Api["Elsewhere"];
export type TrialKind = Exclude<Api["TrialKind"], "trigger">;
export type TrialView = Since<Omit<Api["TrialView"], "evidence">, "evse" | "cause" | "waits_for" | "detail"> & { evidence: { at: Iso; what: string; text?: string }[] };
type Later = "read_at" | "elsewhere" | "requests" | "strangers" | "adopted" | "findings" | "tests";
export type CommissioningView = Since<Omit<Api["CommissioningView"], "station" | "trials" | "connect" | "live">, Later> & {
  station: Station | null;
  live: LiveView;
  trials: TrialView[];
  connect: ConnectView;
};
export interface Home extends Omit<Api["Home"], "open" | "recent"> {
  open: CommissioningView[];
  recent: CommissioningView[];
}
export type ScanSource = "scan" | "photo" | "typed";
export type Lookup = Omit<Api["Lookup"], "station" | "commissioning"> & {
  station: Station | null;
  commissioning: CommissioningView | null;
};

type Wanted = Api["Operation"];
type Bodies = { [W in Wanted as W["kind"]]: NonNullable<W["body"]> };
/** The body of each kind of operation. */
export type OperationBodies = Omit<Bodies, "answer_check"> & {
  answer_check: Bodies["answer_check"] & { value: boolean | string | number };
};
export type OperationKind = keyof OperationBodies;
/** Ids are made on the phone. */
export type NewLocation = Api["PostLocation"] & { id: string };
/** What the phone saw in the EVSE before it wrote, so that somebody else's newer words are not overwritten. */
export type EvseTexts = Pick<Evse, "floor_level" | "physical_reference"> & {
  directions: DisplayText[];
  parking_restrictions: Restriction[];
};
export type DescribeBody = OperationBodies["describe_evse"];
export type Operation = {
  [K in OperationKind]: { id: string; kind: K; made_at: Iso; commissioning_id: string | null; body: OperationBodies[K] };
}[OperationKind];
export type Result = Api["Answer"];
export type SyncAnswer = Omit<Api["Synced"], "commissionings"> & { commissionings: CommissioningView[] };

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
