import { describe, expect, it } from "vitest";
import { ApiError, makeApi, Unreachable } from "../src/api";
import { asNumber, markOf, needsFirst, nextCheck, pathOf, progress } from "../src/checklist";
import { describe as describeForm, formOf, isBlank, lacks, noLimits, toggled, type EvseForm } from "../src/evse";
import { password, PASSWORD_ALPHABET, uuid } from "../src/ids";
import { awaitsFirst, grouped, ladder } from "../src/ladder";
import { saying } from "../src/reasons";
import { outlets, summary } from "../src/parts/hardware";
import { parse, path } from "../src/router";
import { differing } from "../src/ids";
import type { CommissioningView, KnockView } from "../src/types";
import { check, evse, TWIN, view } from "./fixtures";

const live = (more: Partial<CommissioningView["live"]>): CommissioningView => view({ live: { ...view().live, ...more } });
const knock = (at: string, reason: KnockView["reason"] = "wrong_password", more: Partial<KnockView> = {}): KnockView => ({ at, reason, address: "192.0.2.9", identity: "UTR-017", subprotocols: [], auth: null, tls: false, times: 1, ...more });

describe("why is it not online", () => {
  const words = (more: Partial<CommissioningView["live"]>, change: Partial<CommissioningView> = {}) => {
    const seen = { ...live(more), ...change };
    return saying(seen, ladder(seen), { when: "10:02", name: "" });
  };

  it.each([
    ["never", ["wait", "open", "open", "open"]],
    ["other_id", ["bad", "open", "open", "open"]],
    ["refused", ["done", "bad", "open", "open"]],
    ["pending", ["done", "done", "wait", "open"]],
    ["rejected", ["done", "done", "bad", "open"]],
    ["silent", ["done", "done", "wait", "open"]],
    ["deaf", ["done", "done", "done", "bad"]],
    ["online", ["done", "done", "done", "done"]],
    ["lost", ["done", "done", "done", "bad"]],
  ] as const)("the server's word %s is where it stands", (rung, steps) => {
    expect(ladder(live({ rung, rung_since: "2026-03-02T08:00:00Z" }))).toMatchObject({ rung, steps: [...steps] });
  });

  it("an older server, and work that was not sent yet, say less", () => {
    expect(ladder(view()).rung).toBe("never");
    expect(ladder(live({ connectivity_status: "Online" })).rung).toBe("online");
    expect(ladder(live({ offline_since: "2026-03-02T08:00:00Z" }))).toMatchObject({ rung: "lost", since: "2026-03-02T08:00:00Z" });
  });

  it("a refusal is told with its reason, and what to do about it", () => {
    expect(words({ rung: "refused", cause: "hex_password" })).toMatchObject({ title: "Password sent as hex", next: expect.stringContaining("plain text") });
    expect(words({ rung: "refused", cause: "brand_new" }).title).toBe("Refused");
  });

  it("a lost one is told how it was lost, and what that mostly is", () => {
    expect(words({ rung: "lost", cause: "server_restart" })).toMatchObject({ text: "Our server restarted 10:02.", next: expect.stringContaining("Nothing to do"), causes: [] });
    expect(words({ rung: "lost", cause: "ping_failed" }).causes).toContain("why_power");
  });

  it("the next step is the one that is missing", () => {
    const set = { ...view().connect, password_set_at: "2026-03-02T07:30:00Z" };
    expect(words({ rung: "never" }).next).toContain("Make a password");
    expect(words({ rung: "never" }, { connect: set }).next).toContain("power first");
    expect(words({ rung: "pending" }).next).toContain("Choose its location");
  });

  it("one that was said to be this station is let in next: power and SIM are no longer the matter", () => {
    const adopted = { station_id: "UTR-071", password: true, by: { id: "a", name: "Ada" }, at: "2026-03-02T08:00:00Z" };
    const change = { adopted, connect: { ...view().connect, url: "wss://x", password_set_at: adopted.at }, station: { charge_station_id: "UTR-017", location_id: "L", evses: [] } };
    expect(words({ rung: "never" }, change)).toMatchObject({ text: "It is let in on its next attempt.", next: "Wait up to a minute, or restart it.", causes: [] });
    expect(words({ rung: "never" }, { ...change, station: null }).text).toContain("once its location");
    expect(words({ rung: "never" }, { ...change, connect: view().connect }).text).toContain("sent no password");
    expect(awaitsFirst({ ...live({}), ...change })).toBe(true);
    expect(awaitsFirst({ ...live({ booted: "2026-03-02T07:59:00Z" }), ...change })).toBe(true);
    expect(awaitsFirst({ ...live({ connectivity_status: "Online" }), ...change })).toBe(false);
    expect(awaitsFirst({ ...live({ offline_since: "2026-03-02T09:00:00Z" }), ...change })).toBe(false);
    expect(awaitsFirst(live({}))).toBe(false);
  });

  it("where this phone has no password of it, a new one is the way, if one may be made", () => {
    const seen = live({ rung: "refused", cause: "wrong_password" });
    const next = (shown: CommissioningView, secretless: boolean): string => saying(shown, ladder(shown), { when: "", name: "", secretless }).next;
    expect(next(seen, true)).toContain("Make a new one");
    expect(next(seen, false)).toContain("Type the one from");
    expect(next({ ...seen, connect: { ...seen.connect, password_changeable: false } }, true)).toContain("Type the one from");
  });

  it("a clock stops TLS only", () => {
    const wss = { ...view().connect, url: "wss://x/ocpp" };
    expect([words({ rung: "never" }).causes.includes("why_clock"), words({ rung: "never" }, { connect: wss }).causes.includes("why_clock")]).toEqual([false, true]);
  });

  it("waits since it was begun, or since the password was set", () => {
    const connect = { ...view().connect, password_set_at: "2026-03-02T07:30:00Z" };
    expect([ladder(view()).since, ladder(view({ connect })).since]).toEqual(["2026-03-02T07:00:00Z", "2026-03-02T07:30:00Z"]);
  });

  it("the same attempt again and again is one line", () => {
    const lines = grouped([knock("2026-03-02T08:00:00Z"), knock("2026-03-02T08:01:00Z"), knock("2026-03-02T07:00:00Z", "unknown_id")]);
    expect(lines.map((line) => [line.knock.reason, line.times])).toEqual([["wrong_password", 2], ["unknown_id", 1]]);
  });
});

describe("the checklist", () => {
  const done = (...keys: string[]): CommissioningView => view({ checks: view().checks.map((one) => (keys.includes(one.key) ? { ...one, state: "done" as const } : one)) });

  it("goes in its order, and tests only when the station is online", () => {
    expect(nextCheck(view())?.key).toBe("location");
    expect(nextCheck(done("location", "hardware", "texts"))?.key).toBe("online");
    expect(nextCheck(done("location", "hardware", "texts", "online", "tests"))).toBeNull();
    expect(progress(done("location", "texts"))).toEqual({ done: 2, total: 5 });
  });

  it("marks what needs the person and what only waits", () => {
    const online = check("online");
    expect([markOf(online, view()), markOf(online, live({ rung: "refused" })), markOf(check("x", { state: "failed" }), view()), markOf(check("x", { state: "waived" }), view())]).toEqual(["wait", "bad", "bad", "waived"]);
  });

  it("leads to the first socket without words, and says what comes first", () => {
    const station = { charge_station_id: "S", location_id: "L", evses: [evse(1, { directions: [{ language: "en", text: "x" }], parking_restrictions: ["EV_ONLY"] }), evse(2)] };
    expect(pathOf(check("texts"), view({ station }))).toBe("texts/2");
    expect([needsFirst(check("texts"), view()), needsFirst(check("texts"), view({ station })), needsFirst(check("tests"), view())]).toEqual(["hardware", null, "online"]);
    expect(pathOf(check("a b/c"), view())).toBe("check/a%20b%2Fc");
  });
});

describe("the EVSE form", () => {
  const station = { charge_station_id: "S", location_id: "L", evses: [evse(1, { directions: [{ language: "en", text: "Left" }], physical_reference: "17A" }), evse(2)] };
  const form = (more: Partial<EvseForm> = {}): EvseForm => ({ language: "nl", text: " Links ", restrictions: ["EV_ONLY"], none: false, floor: "-1", reference: "17B", all: false, ...more });

  it("starts in the location's language, or in one that has words", () => {
    expect([formOf(evse(2), view(), "nl").language, formOf(evse(1, { directions: [{ language: "de", text: "x" }] }), view(), "nl").language]).toEqual(["nl", "de"]);
    expect(formOf(evse(2), view({ none_checked: [2] }), "nl").none).toBe(true);
  });

  it("writes one socket with what was seen, and keeps words in other languages", () => {
    expect(describeForm(form(), view({ station }), 1)).toEqual([{
      evse_sequence_numbers: [1], directions: [{ language: "en", text: "Left" }, { language: "nl", text: "Links" }], parking_restrictions: ["EV_ONLY"],
      none_checked: false, floor_level: "-1", physical_reference: "17B",
      base: { "1": { directions: [{ language: "en", text: "Left" }], parking_restrictions: [], floor_level: null, physical_reference: "17A" } },
    }]);
  });

  it("for all sockets shares everything but the number on the post", () => {
    const [shared, own] = describeForm(form({ all: true, none: true, restrictions: [] }), view({ station }), 1);
    expect(shared).toMatchObject({ evse_sequence_numbers: [1, 2], none_checked: true, parking_restrictions: [] });
    expect(shared).not.toHaveProperty("physical_reference");
    expect(own).toEqual({ evse_sequence_numbers: [1], physical_reference: "17B", none_checked: true, base: { "1": { physical_reference: "17A" } } });
    expect(describeForm(form({ all: true, reference: "17A" }), view({ station }), 1)).toHaveLength(1);
  });

  it("no limits and a limit exclude each other", () => {
    expect(noLimits(form())).toMatchObject({ none: true, restrictions: [] });
    expect(toggled(form({ none: true, restrictions: [] }), "DISABLED")).toMatchObject({ none: false, restrictions: ["DISABLED"] });
    expect(toggled(form(), "EV_ONLY").restrictions).toEqual([]);
  });

  it("tells what a driver would miss", () => {
    expect([lacks(form()), lacks(form({ text: " ", restrictions: [] })), lacks(form({ restrictions: [], none: true }))]).toEqual([[], ["text", "limits"], []]);
  });
});

describe("made on the phone", () => {
  it("ids are UUIDs of version 4, each another", () => {
    const made = Array.from({ length: 200 }, () => uuid());
    expect(made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
    expect(new Set(made).size).toBe(200);
  });

  it("passwords are 20 letters and digits that nobody mistakes", () => {
    expect(password()).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(PASSWORD_ALPHABET).not.toMatch(/[0O1Il]/);
    const all255 = password((bytes) => bytes.fill(255).fill(3, 10));
    expect(all255).toHaveLength(20);
  });
});

describe("the way to the server", () => {
  const api = (answer: () => Promise<Response>, heard: unknown[] = []) => makeApi({ fetch: answer as typeof fetch, heard: (...said) => void heard.push(said), readMs: 30, writeMs: 30 });
  const json = (status: number, body: unknown) => async () => new Response(JSON.stringify(body), { status });

  it("reads JSON and tells problems by their code", async () => {
    const heard: unknown[] = [];
    expect(await api(json(200, { a: 1 }), heard).get("/x")).toEqual({ a: 1 });
    await expect(api(json(409, { code: "in_production", message: "m", detail: { a: 1 } }), heard).post("/x", {})).rejects.toMatchObject({ status: 409, code: "in_production", detail: { a: 1 } });
    expect(heard).toEqual([[true, 200], [true, 409]]);
  });

  it("a page instead of JSON is a network that is not ours", async () => {
    const heard: unknown[] = [];
    await expect(api(async () => new Response("<html>Sign in to the Wi-Fi", { status: 200 }), heard).get("/x")).rejects.toBeInstanceOf(Unreachable);
    await expect(api(async () => new Response("Bad gateway", { status: 502 }), heard).get("/x")).rejects.toBeInstanceOf(ApiError);
    expect(heard).toEqual([[false, null], [true, 502]]);
  });

  it("gives up after its time", async () => {
    const never = (_: unknown, init?: RequestInit) => new Promise<Response>((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    await expect(makeApi({ fetch: never as typeof fetch, heard: () => undefined, readMs: 10 }).get("/x")).rejects.toBeInstanceOf(Unreachable);
  });

  it("sends the header that a foreign page cannot, and leaves empty questions out", async () => {
    const calls: [string, RequestInit][] = [];
    const own = makeApi({ fetch: (async (url: string, init: RequestInit) => (calls.push([url, init]), new Response("{}"))) as unknown as typeof fetch, heard: () => undefined });
    await own.post("/field/sync", { a: 1 });
    await own.get("/field/locations", { cpo: "ABC & Co", lat: 52.1, text: "", lon: undefined });
    expect(calls[0]?.[1].headers).toMatchObject({ "X-Stationlink": "phone", "Content-Type": "application/json" });
    expect(calls[1]?.[0]).toBe("/field/locations?cpo=ABC+%26+Co&lat=52.1");
  });
});

describe("addresses, numbers and outlets", () => {
  it("parts of an address survive what ids may contain", () => {
    expect(parse(path("c", "a/b c|d", "x")).parts).toEqual(["c", "a/b c|d", "x"]);
    expect(parse("#/lookup?text=A%26B&source=typed").query.get("text")).toBe("A&B");
    expect(parse("#/scan/%E0%A4%A").parts).toEqual(["scan", "%E0%A4%A"]);
    expect(parse("").parts).toEqual([]);
  });

  it("a reading is typed with either decimal sign, and nothing else is a number", () => {
    expect(["3,5", " 3.5 ", "-2", "1e5", "3.", "", "x"].map(asNumber)).toEqual([3.5, 3.5, -2, null, null, null, null]);
  });

  it("outlets come from left to right with their printed numbers", () => {
    expect(outlets(TWIN.evse_templates).map((one) => [one.number, one.cable, one.shape, one.kilowatts])).toEqual([["1", false, "type2", 22], ["2", false, "type2", 22]]);
    const connector = (id: string, standard: string, watts: number | null) => ({ id, standard, format: "CABLE" as const, power_type: "DC" as const, voltage: 400, amperage: 125, max_electric_power: watts });
    const dc = outlets([evse(1, { connectors: [connector("1", "IEC_62196_T2_COMBO", 50_000), connector("2", "CHADEMO", null)] })]);
    expect(dc.map((one) => [one.number, one.evse, one.shape, one.kilowatts])).toEqual([["1", 1, "ccs", 50], ["2", 1, "chademo", 50]]);
    expect(summary(outlets(TWIN.evse_templates))).toEqual([{ name: "Type 2", count: 2, cable: false, kilowatts: 22 }]);
  });
});

describe("a form with nothing in it", () => {
  const blank = formOf(evse(2, { directions: [], parking_restrictions: [] }), view(), "nl");
  const bare = evse(2, { directions: [], parking_restrictions: [], floor_level: null, physical_reference: null });
  it("is not worth saving", () => {
    expect(isBlank({ ...blank, text: " ", none: false, restrictions: [], floor: "", reference: "" }, bare)).toBe(true);
  });
  it("is worth it with one word, or where it takes one away", () => {
    const empty = { ...blank, text: "", none: false, restrictions: [], floor: "", reference: "" };
    expect(isBlank({ ...empty, floor: "-1" }, bare)).toBe(false);
    expect(isBlank(empty, { ...bare, directions: [{ language: "nl", text: "Links" }] })).toBe(false);
  });
});

describe("how an id differs is marked", () => {
  it.each([
    ["UTR-0017", "UTR-0071", "17"], ["UTR-17", "UTR-017", ""], ["UTR-017", "UTR-17", "0"], ["utr-017", "UTR-017", "utr"], ["A", "A", ""], ["AA", "A", "A"],
  ])("%s beside %s", (text, other, marked) => {
    const [from, to] = differing(text, other);
    expect(text.slice(from, to)).toBe(marked);
  });
});
