import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Unreachable } from "../src/api";
import { Db } from "../src/db";
import { heldBack } from "../src/lanes";
import { newItem } from "../src/outbox";
import { Sync, type SyncStatus } from "../src/sync";
import type { Operation, Result, SyncAnswer } from "../src/types";
import { ADA, accepted, later, newLocation, operation, queued } from "./fixtures";

/** A server whose platform puts off what `verdict` says, and what comes behind it in the same commissioning. */
let verdict: (one: Operation) => Result | null;
let batches: string[][];
let db: Db;
let clock: number;
let timer: { work: () => void; ms: number } | null;
let told: SyncStatus[];
let name = 0;

async function post<T>(_path: string, body: Record<string, unknown>): Promise<T> {
  const operations = body["operations"] as Operation[];
  batches.push(operations.map((one) => one.id));
  const waiting = new Set<string | null>();
  const results = operations.map((one) => {
    if (waiting.has(one.commissioning_id)) return later(one.id, "waits_for_earlier");
    const said = verdict(one);
    if (said?.state === "later") waiting.add(one.commissioning_id);
    return said ?? accepted(one.id);
  });
  return { results, commissionings: [] } satisfies SyncAnswer as T;
}

function makeSync(): Sync {
  return new Sync({
    db, post, person: () => ADA.id, changed: () => undefined, told: (status) => told.push(status), now: () => clock, random: () => 0.5,
    exclusive: async (task) => (await task(), true),
    later: (work, ms) => (timer = { work, ms }),
    cancel: () => (timer = null),
  });
}

async function enqueue(...operations: Operation[]): Promise<void> {
  for (const one of operations) await db.enqueue(newItem(one, ADA.id, {}));
}
const states = async (): Promise<string[]> => (await db.operations()).map((item) => item.state);
const codes = async (): Promise<(string | null | undefined)[]> => (await db.operations()).map((item) => item.result?.code);
const park = (commissioning: string): Operation => operation("park", { reason: "sim" }, commissioning);
const putOff = (code: string, detail = {}) => (one: Operation) => (one.commissioning_id === "c1" ? later(one.id, code, detail) : null);
async function timePasses(): Promise<void> {
  clock += timer?.ms ?? 0;
  timer?.work();
  await expect.poll(() => told.at(-1)?.phase).toBe("idle");
}

beforeEach(() => {
  db = new Db(`lanes-${++name}`);
  [batches, clock, timer, told, verdict] = [[], 1_000_000, null, [], () => null];
});
afterEach(() => db.close());

describe("what the platform puts off", () => {
  it("is kept with its reason and tried again; the others went meanwhile, once", async () => {
    verdict = putOff("platform_unavailable");
    const [a, b, c] = [park("c1"), park("c1"), park("c2")];
    await enqueue(a, b, c);
    await makeSync().kick("enqueue");
    expect(await states()).toEqual(["queued", "queued", "accepted"]);
    expect(await codes()).toEqual(["platform_unavailable", "waits_for_earlier", null]);
    expect(told.at(-1)).toMatchObject({ phase: "idle", trouble: null, next_try: clock + 5_000 });
    verdict = () => null;
    await timePasses();
    await expect.poll(states).toEqual(["accepted", "accepted", "accepted"]);
    expect(batches).toEqual([[a.id, b.id, c.id], [a.id, b.id]]);
  });

  it("does not hold up what is made later for another station, and is not asked about meanwhile", async () => {
    verdict = putOff("platform_unavailable");
    await enqueue(park("c1"));
    const sync = makeSync();
    await sync.kick("enqueue");
    const [behind, other] = [park("c1"), park("c2")];
    await enqueue(behind, other);
    await sync.kick("enqueue");
    expect(batches.slice(1)).toEqual([[other.id]]);
    expect(await states()).toEqual(["queued", "queued", "accepted"]);
    expect(timer?.ms).toBe(5_000);
  });

  it("waits longer each time, and anew after it went through", async () => {
    verdict = putOff("platform_unavailable");
    await enqueue(park("c1"));
    await makeSync().kick("enqueue");
    const waits = [];
    for (const _ of [1, 2, 3]) {
      waits.push(timer?.ms);
      await timePasses();
      await expect.poll(() => timer?.ms).toBe(5_000 * 2 ** waits.length);
    }
    expect(waits).toEqual([5_000, 10_000, 20_000]);
  });

  it("a busy platform is left alone as long as it asks", async () => {
    verdict = putOff("platform_busy", { retry_after: 42 });
    await enqueue(park("c1"), park("c1"));
    await makeSync().kick("enqueue");
    expect(timer?.ms).toBe(42_000);
  });

  it("a refused key is tried slowly, at once when somebody asks, and at the next start", async () => {
    verdict = putOff("platform_key_refused");
    await enqueue(park("c1"));
    const sync = makeSync();
    await sync.kick("enqueue");
    expect(timer?.ms).toBe(300_000);
    await sync.kick("visible");
    expect(batches.length).toBe(1);
    await sync.kick("manual");
    expect(batches.length).toBe(2);
    await makeSync().kick("start");
    expect(batches.length).toBe(3);
  });

  it("no signal afterwards does not lose the reason, and everything goes when both are back", async () => {
    verdict = putOff("platform_unavailable");
    await enqueue(park("c1"));
    const sync = makeSync();
    await sync.kick("enqueue");
    verdict = () => {
      throw new Unreachable("no signal");
    };
    await sync.kick("manual");
    expect([await states(), await codes(), told.at(-1)?.trouble]).toEqual([["queued"], ["platform_unavailable"], "unreachable"]);
    verdict = () => null;
    await sync.kick("manual");
    expect(await states()).toEqual(["accepted"]);
  });

  it("what needs something put off in another commissioning waits with it", () => {
    const made = queued(1, operation("create_location", { location: newLocation("N") }, "c1"));
    const chosen = queued(2, operation("choose_location", { location_id: "N", base: null }, "c2"));
    const free = queued(3, park("c2"));
    expect(heldBack([made, chosen, free], (item) => item.op.commissioning_id === "c1")).toEqual(new Set([1, 2]));
  });
});
