import type { Db } from "./db";
import { ApiError, type Post } from "./api";
import { heldBack, Lanes } from "./lanes";
import { rebased, sendable, standingOn, withDependants } from "./outbox";
import type { Queued, Result, SyncAnswer } from "./types";

export const FIRST_WAIT_MS = 5_000;
export const LONGEST_WAIT_MS = 300_000;
const BATCH = 50;
/** Another tab is sending: look again soon whether it took ours along. */
const LOOK_AGAIN_MS = 3_000;

export interface SyncStatus {
  phase: "idle" | "sending";
  sending: number;
  /** What stopped the last attempt; null after one that went through. */
  trouble: null | "unreachable" | "signed_out" | "server";
  next_try: number | null;
  sent_at: number | null;
}
export const IDLE: SyncStatus = { phase: "idle", sending: 0, trouble: null, next_try: null, sent_at: null };

/** Runs the task as the only one among tabs; false when another one has it. */
export type Exclusive = (task: () => Promise<void>) => Promise<boolean>;

export interface SyncDeps {
  db: Db;
  post: Post;
  exclusive: Exclusive;
  /** Whose operations may go: the person that is signed in. */
  person: () => string | null;
  changed: () => Promise<void> | void;
  told: (status: SyncStatus) => void;
  now?: () => number;
  random?: () => number;
  later?: (work: () => void, ms: number) => unknown;
  cancel?: (handle: unknown) => void;
}

/** "manual" and "online" start the waiting time anew: somebody, or the network, says that it is worth a try. */
export type Trigger = "enqueue" | "start" | "online" | "visible" | "timer" | "manual";

/** The one flusher: sends what waits, in order, keeps it until the server's word is on this phone, and tries again. */
export class Sync {
  private running: Promise<void> | null = null;
  private onceMore = false;
  private failures = 0;
  private timer: unknown = null;
  private status: SyncStatus = IDLE;
  private readonly lanes: Lanes;
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly later: (work: () => void, ms: number) => unknown;
  private readonly cancel: (handle: unknown) => void;

  constructor(private readonly deps: SyncDeps) {
    this.now = deps.now ?? Date.now;
    this.random = deps.random ?? Math.random;
    this.later = deps.later ?? ((work, ms) => setTimeout(work, ms));
    this.cancel = deps.cancel ?? ((handle) => clearTimeout(handle as number));
    this.lanes = new Lanes(this.now, (failures) => backoff(failures, this.random));
  }

  /** Resolves when everything that could be sent was; triggers during a flush join it. */
  kick(trigger: Trigger): Promise<void> {
    if (trigger === "manual" || trigger === "online") this.failures = 0;
    if (trigger === "manual") this.lanes.open();
    this.cancel(this.timer);
    this.timer = null;
    if (this.running) {
      this.onceMore = true;
      return this.running;
    }
    this.running = this.run().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private tell(change: Partial<SyncStatus>): void {
    this.status = { ...this.status, ...change };
    this.deps.told(this.status);
  }

  private async run(): Promise<void> {
    do {
      this.onceMore = false;
      const mine = await this.deps.exclusive(() => this.flush());
      if (!mine) this.retryIn(LOOK_AGAIN_MS);
    } while (this.onceMore && this.timer === null);
    const next = this.lanes.next();
    if (this.timer === null && next !== null && this.status.trouble === null) this.retryIn(next - this.now());
  }

  private async flush(): Promise<void> {
    try {
      for (let items = await this.waiting(); items.length > 0; items = await this.waiting()) {
        this.tell({ phase: "sending", sending: items.length, next_try: null });
        await this.send(items.slice(0, BATCH));
        this.failures = 0;
        this.tell({ trouble: null, sent_at: this.now() });
      }
      this.tell({ phase: "idle", sending: 0, next_try: null, trouble: null });
    } catch (error) {
      this.stopped(error);
    }
  }

  private async waiting(): Promise<Queued[]> {
    const person = this.deps.person();
    if (person === null) return [];
    const items = await this.deps.db.operations();
    const held = heldBack(items, (item) => this.lanes.holds(item));
    return sendable(items, person).filter((item) => !held.has(item.seq));
  }

  private stopped(error: unknown): void {
    const trouble = troubleOf(error);
    this.tell({ phase: "idle", sending: 0, trouble });
    if (trouble === "signed_out") return this.tell({ next_try: null });
    const asked = error instanceof ApiError ? Number(error.detail["retry_after"] ?? 0) * 1000 : 0;
    this.failures += 1;
    this.retryIn(Math.max(asked, backoff(this.failures, this.random)));
  }

  private retryIn(ms: number): void {
    this.cancel(this.timer);
    this.tell({ next_try: this.now() + ms });
    this.timer = this.later(() => {
      this.timer = null;
      void this.kick("timer");
    }, ms);
  }

  private async send(items: Queued[]): Promise<void> {
    const seqs = items.map((item) => item.seq);
    await this.deps.db.change(seqs, (item) => ({ ...item, state: "sending", tries: item.tries + 1 }));
    await this.deps.changed();
    try {
      await this.settle(items, await this.deps.post<SyncAnswer>("/field/sync", { operations: items.map((item) => item.op) }));
    } catch (error) {
      await this.deps.db.change(seqs, (item) => (item.state === "sending" ? { ...item, state: "queued" } : item));
      await this.deps.changed();
      await this.narrow(items, error);
    }
  }

  private async settle(items: Queued[], answer: SyncAnswer): Promise<void> {
    const sent = new Set(items.map((item) => item.op.id));
    const results = answer.results.filter((result) => sent.has(result.id));
    await this.deps.db.settle(results, answer.commissionings);
    const refused = items.filter((item) => results.some((result) => result.id === item.op.id && result.state === "refused"));
    for (const fallen of refused) await rebaseOn(this.deps.db, fallen);
    this.lanes.heard(items, results);
    await this.deps.changed();
    if (results.length < sent.size) throw new ApiError(502, "incomplete_answer", "not every operation was answered", {});
  }

  /** One operation that the server cannot take must not hold up the others: find it by sending fewer at a time. */
  private async narrow(items: Queued[], error: unknown): Promise<void> {
    const verdict = classify(error);
    if (verdict === "stop") throw error;
    if (items.length === 1) {
      if (verdict === "broken") throw error;
      return this.settle(items, { results: [refusal(items[0] as Queued, error as ApiError, this.now())], commissionings: [] });
    }
    let failed: unknown = null;
    for (const group of split(items)) {
      await this.send(group).catch((reason: unknown) => {
        if (classify(reason) === "stop") throw reason;
        failed = reason;
      });
      if (failed && group.length === 1 && sameCommissioning(items)) break;
    }
    if (failed) throw failed;
  }
}

/**
 * What was written over a change that fell, or over one that fell with it, stands on what was seen before. Its id was
 * never sent, so its body may change.
 */
export async function rebaseOn(db: Db, fallen: Queued): Promise<void> {
  for (const gone of withDependants(await db.operations(), fallen.seq)) {
    const later = standingOn(await db.operations(), gone);
    await db.change(later.map((item) => item.seq), (item) => rebased(item, gone));
  }
}

function sameCommissioning(items: Queued[]): boolean {
  return new Set(items.map((item) => item.op.commissioning_id)).size === 1;
}

/** By commissioning first, since each stands for itself; inside one, singly and in order. */
function split(items: Queued[]): Queued[][] {
  if (sameCommissioning(items)) return items.map((item) => [item]);
  const groups = new Map<string | null, Queued[]>();
  for (const item of items) groups.set(item.op.commissioning_id, [...(groups.get(item.op.commissioning_id) ?? []), item]);
  return [...groups.values()];
}

function refusal(item: Queued, error: ApiError, now: number): Result {
  const at = new Date(now).toISOString();
  return { id: item.op.id, state: "refused", code: error.code, message: error.message, detail: error.detail, at };
}

/** "stop": nothing can be sent now. "rejected": the server understood and said no. "broken": it fell over this. */
export function classify(error: unknown): "stop" | "rejected" | "broken" {
  if (!(error instanceof ApiError)) return "stop";
  if ([401, 408, 425, 429, 503].includes(error.status)) return "stop";
  return error.status >= 500 ? "broken" : "rejected";
}

function troubleOf(error: unknown): SyncStatus["trouble"] {
  if (!(error instanceof ApiError)) return "unreachable";
  return error.status === 401 ? "signed_out" : "server";
}

/** 5 s, 10 s, 20 s ... 5 min, up to a fifth longer or shorter so that phones do not return together. */
export function backoff(failures: number, random: () => number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  return Math.round(wait * (0.8 + 0.4 * random()));
}

/** One flusher by Web Locks; where a page has none (plain HTTP), by a lease that a crash frees after a minute.
 *
 * Two flushers would still do nothing twice, since the server knows the ids; they would only waste signal.
 */
export function exclusively(db: Db, owner: string, locks: LockManager | undefined, now: () => number = Date.now): Exclusive {
  if (locks) {
    return async (task) =>
      await locks.request("stationlink-outbox", { ifAvailable: true }, async (lock) => {
        if (lock) await task();
        return lock !== null;
      });
  }
  return async (task) => {
    if (!(await db.lease(owner, now(), now() + 60_000))) return false;
    try {
      await task();
    } finally {
      await db.lease(owner, now(), 0);
    }
    return true;
  };
}
