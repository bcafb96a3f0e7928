import { apply } from "./apply";
import type { CommissioningView, Hint, Me, Operation, OperationBodies, OperationKind, Queued } from "./types";
import { uuid } from "./ids";

/** Waits for the server's word: the screens show its effect already. */
export function isPending(item: Queued): boolean {
  return item.state === "queued" || item.state === "sending";
}

export function newOperation<K extends OperationKind>(
  kind: K, commissioningId: string | null, body: OperationBodies[K], madeAt: Date,
): Operation {
  const made_at = madeAt.toISOString().replace(/\.\d+Z$/, "Z");
  return { id: uuid(), kind, made_at, commissioning_id: commissioningId, body } as Operation;
}

export function newItem(op: Operation, personId: string, hint: Hint): Omit<Queued, "seq"> {
  return { op, person_id: personId, state: "queued", tries: 0, hint, result: null, settled_at: null };
}

/** What an operation needs done before it: its own commissioning begun, and a location that it chooses created. */
export function needs(item: Queued, other: Queued): boolean {
  if (other.seq >= item.seq) return false;
  if (other.op.kind === "begin") return item.op.commissioning_id === other.op.commissioning_id;
  if (other.op.kind === "create_location" && item.op.kind === "choose_location") {
    return item.op.body.location_id === other.op.body.location.id;
  }
  return false;
}

/** The operations that may go now, in the order they were made: this person's, and none that stands on a refused one. */
export function sendable(items: Queued[], personId: string): Queued[] {
  const free = possible(items).filter((item) => item.person_id === personId);
  return free.filter((item) => !free.some((other) => writesOver(item, other)));
}

/** What waits and can still come to pass, in order: nothing of it stands on a refused one. */
function possible(items: Queued[]): Queued[] {
  const refused = items.filter((item) => item.state === "refused");
  return items.filter((item) => isPending(item) && !refused.some((other) => needs(item, other))).sort((a, b) => a.seq - b.seq);
}

/** Everything that falls when this one is taken out of the outbox, itself first. */
export function withDependants(items: Queued[], seq: number): Queued[] {
  const item = items.find((one) => one.seq === seq);
  if (!item) return [];
  return [item, ...items.filter((one) => one.state !== "accepted" && needs(one, item))];
}

/** A refused operation keeps its answer for ever under its id, so asking again takes a new id; order and body stay. */
export function again(item: Queued): Queued {
  return { ...item, op: { ...item.op, id: uuid() }, state: "queued", tries: 0, result: null, settled_at: null };
}

/** Write mine after all: the same words, now knowing what stands there. Only for a refused describe_evse or location. */
export function insist(item: Queued): Queued {
  const next = again(item);
  const detail = item.result?.detail ?? {};
  if (next.op.kind === "choose_location") {
    return { ...next, op: { ...next.op, body: { ...next.op.body, base: asText(detail["theirs"]) } } };
  }
  if (next.op.kind !== "describe_evse") return next;
  const { base, ...body } = next.op.body;
  const number = String(detail["evse_sequence_number"] ?? "");
  const field = String(detail["field"] ?? "");
  const seen = { ...base, [number]: { ...base?.[number], [field]: detail["theirs"] } };
  return { ...next, op: { ...next.op, body: { ...body, base: seen } } };
}

function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

type Based = Extract<Operation, { kind: "choose_location" | "describe_evse" }>;

function isBased(op: Operation): op is Based {
  return op.kind === "choose_location" || op.kind === "describe_evse";
}

/** The later one was written over what the earlier one shows: it must know how that ended before it goes. */
function writesOver(later: Queued, earlier: Queued): boolean {
  const [a, b] = [later.op, earlier.op];
  if (later.seq <= earlier.seq || a.commissioning_id !== b.commissioning_id || !isBased(a) || a.kind !== b.kind) return false;
  if (a.kind !== "describe_evse" || b.kind !== "describe_evse") return true;
  return a.body.evse_sequence_numbers.some((number) => b.body.evse_sequence_numbers.includes(number));
}

/** Everything that was written over one that did not come to pass: it now stands on what was seen before that. */
export function standingOn(items: Queued[], fallen: Queued): Queued[] {
  return items.filter((item) => isPending(item) && writesOver(item, fallen));
}

export function rebased(item: Queued, fallen: Queued): Queued {
  const [op, was] = [item.op, fallen.op];
  if (op.kind === "choose_location" && was.kind === "choose_location") {
    return { ...item, op: { ...op, body: { ...op.body, ...(was.body.base === undefined ? {} : { base: was.body.base }) } } };
  }
  if (op.kind !== "describe_evse" || was.kind !== "describe_evse" || !op.body.base) return item;
  const base = Object.fromEntries(
    Object.entries(op.body.base).map(([number, seen]) => [number, { ...seen, ...common(was.body.base?.[number], seen) }]),
  );
  return { ...item, op: { ...op, body: { ...op.body, base } } };
}

function common<T extends object>(values: T | undefined, like: object): Partial<T> {
  return Object.fromEntries(Object.entries(values ?? {}).filter(([key]) => key in like)) as Partial<T>;
}

/** The server's view with everything on top that this phone still has to send. */
export function overlay(
  snapshot: CommissioningView | null, items: Queued[], commissioningId: string, me: Me | null,
): CommissioningView | null {
  return possible(items)
    .filter((item) => item.op.commissioning_id === commissioningId)
    .reduce((view, item) => apply(view, item.op, { me, hint: item.hint }), snapshot);
}

/** Saved on the phone, sent, accepted: how far a thing has come, as lit dots. */
export type Receipt = 1 | 2 | 3;

const RECEIPT: Record<Queued["state"], Receipt> = { queued: 1, sending: 2, accepted: 3, refused: 2 };

export function receiptOf(item: Queued): Receipt {
  return RECEIPT[item.state];
}

const CHECK_OF: Partial<Record<OperationKind, string>> = {
  choose_location: "location", apply_template: "hardware", describe_evse: "texts",
};

function checkOf(op: Operation): string | undefined {
  if (op.kind === "answer_check" || op.kind === "waive_check" || op.kind === "reopen_check") return op.body.check;
  return CHECK_OF[op.kind];
}

/** How far the last change of one check has come; null when this phone made none. */
export function checkReceipt(items: Queued[], commissioningId: string, key: string): Receipt | "refused" | null {
  const own = items.filter((item) => item.op.commissioning_id === commissioningId && checkOf(item.op) === key);
  const last = own.at(-1);
  if (!last) return null;
  return last.state === "refused" ? "refused" : receiptOf(last);
}

export interface Counts {
  pending: number;
  sending: number;
  refused: number;
  foreign: number;
}

/** What the strip tells: mine that wait or were refused, and those that somebody else left on this phone. */
export function counts(items: Queued[], personId: string | null): Counts {
  const mine = items.filter((item) => personId === null || item.person_id === personId);
  return {
    pending: mine.filter(isPending).length,
    sending: mine.filter((item) => item.state === "sending").length,
    refused: mine.filter((item) => item.state === "refused").length,
    foreign: items.filter((item) => item.state !== "accepted").length - mine.filter((item) => item.state !== "accepted").length,
  };
}

const KEPT_MS = 14 * 24 * 3600 * 1000;
const KEPT_COUNT = 200;

/** Receipts that nobody will ask for any more: accepted, and old or beyond the last 200. */
export function outdated(items: Queued[], now: number): number[] {
  const accepted = items.filter((item) => item.state === "accepted").sort((a, b) => b.seq - a.seq);
  const old = (item: Queued): boolean => now - Date.parse(item.settled_at ?? item.op.made_at) > KEPT_MS;
  return accepted.filter((item, i) => i >= KEPT_COUNT || old(item)).map((item) => item.seq);
}

/**
 * Somebody else set a password after the server took this phone's, or the station goes on under another id: the one kept
 * here opens nothing.
 */
export function isReplaced(last: Queued | null, setAt: string | null, adoptedAt: string | null = null): boolean {
  const taken = last?.state === "accepted" ? last.result?.at : null;
  return [setAt, adoptedAt].some((at) => taken && at && Date.parse(at) - Date.parse(taken) > 1_000);
}
