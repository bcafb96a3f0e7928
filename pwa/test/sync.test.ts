import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError, Unreachable } from "../src/api";
import { Db } from "../src/db";
import { newItem } from "../src/outbox";
import { backoff, classify, exclusively, Sync, type Exclusive, type SyncStatus } from "../src/sync";
import type { CommissioningView, Operation, Queued, Result, SyncAnswer } from "../src/types";
import { ADA, accepted, newLocation, operation, refused, view } from "./fixtures";

/** A server that does each operation once and remembers its answer; faults are put before it or behind it. */
class Server {
  done = new Map<string, Result>();
  batches: string[][] = [];
  faults: ((operations: Operation[]) => "drop_reply" | Error | null)[] = [];
  judge: (operation: Operation) => Result = (one) => accepted(one.id);
  views: CommissioningView[] = [];

  post = async <T>(_path: string, body: Record<string, unknown>): Promise<T> => {
    const operations = body["operations"] as Operation[];
    this.batches.push(operations.map((one) => one.id));
    const fault = this.faults.shift()?.(operations) ?? null;
    if (fault instanceof Error) throw fault;
    const results = operations.map((one) => this.done.get(one.id) ?? this.first(one));
    if (fault === "drop_reply") throw new Unreachable("the connection dropped");
    return { results, commissionings: this.views } satisfies SyncAnswer as T;
  };

  private first(one: Operation): Result {
    const result = this.judge(one);
    this.done.set(one.id, result);
    return result;
  }
}

const alone: Exclusive = async (task) => {
  await task();
  return true;
};

let db: Db;
let server: Server;
let clock: number;
let timers: { work: () => void; ms: number }[];
let statuses: SyncStatus[];
let person: string | null;
let name = 0;

function makeSync(exclusive: Exclusive = alone): Sync {
  return new Sync({
    db, post: server.post, exclusive, person: () => person, changed: () => undefined, told: (status) => statuses.push(status),
    now: () => clock, random: () => 0.5,
    later: (work, ms) => timers.push({ work, ms }),
    cancel: (handle) => {
      if (typeof handle === "number") timers.splice(handle - 1, 1);
    },
  });
}

async function enqueue(...operations: Operation[]): Promise<void> {
  for (const one of operations) await db.enqueue(newItem(one, ADA.id, {}));
}
const states = async (): Promise<string[]> => (await db.operations()).map((item) => item.state);
const last = (): SyncStatus => statuses.at(-1) as SyncStatus;
const park = (commissioning = "c1"): Operation => operation("park", { reason: "sim" }, commissioning);
const status = (code: number, name_ = "error", detail = {}): ApiError => new ApiError(code, name_, name_, detail);

beforeEach(() => {
  db = new Db(`sync-${++name}`);
  server = new Server();
  [clock, timers, statuses, person] = [1_000_000, [], [], ADA.id];
});
afterEach(() => db.close());

describe("a flush that goes well", () => {
  it("sends in order, in one request, and keeps answers and views together", async () => {
    const made = [park(), operation("resume", {}), park("c2")];
    await enqueue(...made);
    server.views = [view({ stamp: 42 })];
    await makeSync().kick("enqueue");
    expect(server.batches).toEqual([made.map((one) => one.id)]);
    expect(await states()).toEqual(["accepted", "accepted", "accepted"]);
    expect((await db.views()).map((seen) => seen.stamp)).toEqual([42]);
    expect(last()).toMatchObject({ phase: "idle", trouble: null, sent_at: clock, next_try: null });
  });

  it("sends nothing when nothing waits", async () => {
    await makeSync().kick("start");
    expect(server.batches).toEqual([]);
  });

  it("does not put an older view over a newer one", async () => {
    await db.keepViews([view({ stamp: 50, note: "newer" })]);
    await enqueue(park());
    server.views = [view({ stamp: 49, note: "older" })];
    await makeSync().kick("enqueue");
    expect((await db.views())[0]?.note).toBe("newer");
  });

  it("sends more than one batch's worth", async () => {
    await enqueue(...Array.from({ length: 70 }, () => park()));
    await makeSync().kick("enqueue");
    expect(server.batches.map((batch) => batch.length)).toEqual([50, 20]);
    expect(new Set(await states())).toEqual(new Set(["accepted"]));
  });
});

describe("nothing is lost and nothing is done twice", () => {
  it("a dropped reply: the same ids go again, and the server does them once", async () => {
    const made = [park(), operation("resume", {})];
    await enqueue(...made);
    server.faults = [() => "drop_reply"];
    const sync = makeSync();
    await sync.kick("enqueue");
    expect(await states()).toEqual(["queued", "queued"]);
    expect(last()).toMatchObject({ trouble: "unreachable", next_try: clock + 5_000 });
    await sync.kick("timer");
    expect(server.batches[0]).toEqual(server.batches[1]);
    expect(server.done.size).toBe(2);
    expect(await states()).toEqual(["accepted", "accepted"]);
  });

  it("triggers that come together make one request", async () => {
    await enqueue(park());
    const sync = makeSync();
    await Promise.all([sync.kick("enqueue"), sync.kick("online"), sync.kick("visible"), sync.kick("manual")]);
    expect(server.batches.length).toBe(1);
  });

  it("what is enqueued during a flush goes in the same run", async () => {
    await enqueue(park());
    const sync = makeSync();
    const late = park("c2");
    server.faults = [() => (void enqueue(late), null)];
    const first = sync.kick("enqueue");
    await first;
    await sync.kick("enqueue");
    expect(server.batches.flat()).toContain(late.id);
    expect(new Set(server.batches.flat()).size).toBe(2);
  });

  it("two tabs with the lease: one sends, the other looks again later", async () => {
    await enqueue(park());
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const slow = server.post;
    server.post = async <T>(path: string, body: Record<string, unknown>): Promise<T> => {
      await gate;
      return slow<T>(path, body);
    };
    const one = makeSync(exclusively(db, "tab-1", undefined, () => clock)).kick("enqueue");
    await new Promise((resolve) => setTimeout(resolve, 20));
    await makeSync(exclusively(db, "tab-2", undefined, () => clock)).kick("enqueue");
    expect(timers.at(-1)?.ms).toBe(3_000);
    open();
    await one;
    expect(server.batches.length).toBe(1);
  });

  it("the lease of a tab that died is free after a minute", async () => {
    expect(await db.lease("dead", clock, clock + 60_000)).toBe(true);
    expect(await db.lease("next", clock + 59_999, clock + 120_000)).toBe(false);
    expect(await db.lease("next", clock + 60_000, clock + 120_000)).toBe(true);
  });

  it("an answer without every operation is no answer for the rest", async () => {
    await enqueue(park());
    server.post = async <T>(): Promise<T> => ({ results: [], commissionings: [] }) as T;
    await makeSync().kick("enqueue");
    expect(await states()).toEqual(["queued"]);
    expect(last().trouble).toBe("server");
  });

  it("an operation that was removed while it was under way stays removed", async () => {
    await enqueue(park());
    server.faults = [() => (void db.drop([1]), null)];
    await makeSync().kick("enqueue");
    expect(await db.operations()).toEqual([]);
  });

  it("a thousand random faults: every operation is done exactly once, in order within its commissioning", async () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const fault = (): "drop_reply" | Error | null => {
      const dice = random();
      if (dice < 0.25) return "drop_reply";
      if (dice < 0.4) return new Unreachable("no signal");
      return dice < 0.55 ? status(503, "unavailable") : dice < 0.65 ? status(500) : null;
    };
    const order: string[] = [];
    server.judge = (one) => (order.push(one.id), accepted(one.id));
    const made = Array.from({ length: 60 }, (_, i) => park(`c${i % 4}`));
    const sync = makeSync();
    for (const one of made) {
      await enqueue(one);
      server.faults = [fault, fault, fault, fault];
      await sync.kick("enqueue");
    }
    server.faults = [];
    await sync.kick("manual");
    expect(new Set(await states())).toEqual(new Set(["accepted"]));
    expect(order.length).toBe(60);
    for (const commissioning of ["c0", "c1", "c2", "c3"]) {
      const own = made.filter((one) => one.commissioning_id === commissioning).map((one) => one.id);
      expect(order.filter((id) => own.includes(id))).toEqual(own);
    }
  });
});

describe("when the server says no", () => {
  it("401 keeps the queue and stops trying until somebody signs in", async () => {
    await enqueue(park());
    server.faults = [() => status(401, "not_signed_in")];
    const sync = makeSync();
    await sync.kick("enqueue");
    expect([await states(), last().trouble, last().next_try, timers.length]).toEqual([["queued"], "signed_out", null, 0]);
    await sync.kick("manual");
    expect(await states()).toEqual(["accepted"]);
  });

  it("sends nothing for a person who is not signed in, nor another's changes", async () => {
    await enqueue(park());
    person = null;
    await makeSync().kick("manual");
    person = "bob";
    await makeSync().kick("manual");
    expect([server.batches, await states()]).toEqual([[], ["queued"]]);
  });

  it("a refused operation is kept with its reason, and the others go on", async () => {
    const bad = operation("hand_over", {});
    await enqueue(bad, park("c2"));
    server.judge = (one) => (one.kind === "hand_over" ? refused(one.id, "checks_open", { checks: ["tests"] }) : accepted(one.id));
    await makeSync().kick("enqueue");
    const [first] = await db.operations();
    expect(await states()).toEqual(["refused", "accepted"]);
    expect(first?.result).toMatchObject({ code: "checks_open", detail: { checks: ["tests"] } });
  });

  it("what was written over a refused change goes next, standing on what was seen before", async () => {
    const bodies: Operation[] = [];
    server.judge = (one) => (bodies.push(one), bodies.length === 1 ? refused(one.id, "unknown_location") : accepted(one.id));
    await enqueue(operation("choose_location", { location_id: "A", base: null }), operation("choose_location", { location_id: "B", base: "A" }));
    await makeSync().kick("enqueue");
    expect(bodies.map((one) => one.body)).toEqual([{ location_id: "A", base: null }, { location_id: "B", base: null }]);
    expect(await states()).toEqual(["refused", "accepted"]);
  });

  it("a choice made over one that fell with its refused location goes through", async () => {
    const sent: unknown[] = [];
    server.judge = (one) => {
      sent.push(one.body);
      if (one.kind === "create_location") return refused(one.id, "may_not_create");
      return one.kind === "choose_location" && one.body.location_id === "N" ? refused(one.id, "unknown_location") : accepted(one.id);
    };
    await enqueue(
      operation("create_location", { location: newLocation("N") }),
      operation("choose_location", { location_id: "N", base: null }), operation("choose_location", { location_id: "M", base: "N" }),
    );
    await makeSync().kick("enqueue");
    expect(sent.at(-1)).toEqual({ location_id: "M", base: null });
    expect((await states())[2]).toBe("accepted");
  });

  it("one operation that the server cannot take (422) is found and refused; the rest are accepted", async () => {
    const bad = park("c2");
    await enqueue(park(), bad, park("c2"), park("c3"));
    const reject = (operations: Operation[]) => (operations.some((one) => one.id === bad.id) ? status(422, "invalid") : null);
    server.faults = Array.from({ length: 10 }, () => reject);
    await makeSync().kick("enqueue");
    expect(await states()).toEqual(["accepted", "refused", "accepted", "accepted"]);
  });

  it("a 500 over one commissioning does not hold up the others, and is tried again later", async () => {
    const bad = park("c1");
    await enqueue(bad, park("c1"), park("c2"));
    const broken = (operations: Operation[]) => (operations.some((one) => one.id === bad.id) ? status(500) : null);
    server.faults = Array.from({ length: 10 }, () => broken);
    const sync = makeSync();
    await sync.kick("enqueue");
    expect(await states()).toEqual(["queued", "queued", "accepted"]);
    expect(last()).toMatchObject({ trouble: "server", next_try: clock + 5_000 });
    server.faults = [];
    await sync.kick("timer");
    expect(await states()).toEqual(["accepted", "accepted", "accepted"]);
  });

  it("503 and no signal stop at once instead of trying piece by piece", async () => {
    for (const fault of [status(503, "unavailable"), new Unreachable("x")]) {
      await enqueue(park("c1"), park("c2"));
      server.faults = [() => fault];
      server.batches = [];
      await makeSync().kick("enqueue");
      expect(server.batches.length).toBe(1);
    }
  });

  it("429 waits as long as it was told", async () => {
    await enqueue(park());
    server.faults = [() => status(429, "too_many_tries", { retry_after: 90 })];
    await makeSync().kick("enqueue");
    expect(timers.at(-1)?.ms).toBe(90_000);
  });
});

describe("trying again", () => {
  it("waits 5 s, twice as long each time, at most 5 min, a fifth more or less", () => {
    expect([1, 2, 3, 6, 7, 20].map((failures) => backoff(failures, () => 0.5))).toEqual([5_000, 10_000, 20_000, 160_000, 300_000, 300_000]);
    expect([backoff(1, () => 0), backoff(1, () => 1)]).toEqual([4_000, 6_000]);
  });

  it("a person's wish and the network's return start the wait anew", async () => {
    await enqueue(park());
    server.faults = Array.from({ length: 9 }, () => () => new Unreachable("x"));
    const sync = makeSync();
    for (const _ of [1, 2, 3]) await sync.kick("timer");
    expect(timers.at(-1)?.ms).toBe(20_000);
    await sync.kick("manual");
    expect(timers.at(-1)?.ms).toBe(5_000);
  });

  it("the timer sends by itself once the network is back", async () => {
    await enqueue(park());
    server.faults = [() => new Unreachable("x")];
    await makeSync().kick("enqueue");
    timers.at(-1)?.work();
    await expect.poll(states).toEqual(["accepted"]);
  });

  it("tells apart what stops, what is rejected and what is broken", () => {
    expect([new Unreachable("x"), status(401), status(429), status(503), status(422), status(404), status(500), new Error("x")].map(classify)).toEqual(
      ["stop", "stop", "stop", "stop", "rejected", "rejected", "broken", "stop"]);
  });
});

describe("the outbox on this phone", () => {
  it("survives a reload in order", async () => {
    const made = [park(), park("c2")];
    await enqueue(...made);
    await db.close();
    const kept: Queued[] = await new Db(`sync-${name}`).operations();
    expect(kept.map((item) => item.op.id)).toEqual(made.map((one) => one.id));
  });

  it("forgets everything of a person but the settings", async () => {
    await enqueue(park());
    await db.put("kv", "settings", { language: "nl" });
    await db.put("secrets", "c1", "pw");
    await db.forget();
    expect([await db.operations(), await db.get("secrets", "c1"), await db.get("kv", "settings")]).toEqual([[], undefined, { language: "nl" }]);
  });
});
