import { beforeEach, describe, expect, it } from "vitest";
import { openDifferences, readiness, tally } from "../src/checklist";
import { doingOf, findingOf, linesOf, nextStep, pairOf, swappedBefore, toFix } from "../src/found";
import { socketRows } from "../src/sockets";
import { hindrance, isHazardous, nextWanted, trialsOf, wantedOf, waysOf, type How } from "../src/trials";
import type { CommissioningView, CpoInfo, TrialKind, TrialView } from "../src/types";
import { language } from "../src/words";
import { accepted, check, evse, operation, queued, view } from "./fixtures";

const ALL: TrialKind[] = ["reach", "sockets", "which", "reader", "charge", "reboot", "configuration"];
const CLEAR = { signal: true, unsent: false };

function cpo(trials: TrialKind[] = ALL): CpoInfo {
  const platform = { environment: "own" as const, name: "", host: null, ocpp_url: null, sets_password: true, trials, ways: { charge: ["card" as const] }, problem: null, read_at: null };
  return {
    cpo_id: "ABC", name: "ABC", country: "NLD", language: "nl", charger_type: "Public", default_tariff_id: "T", may_create_stations: true,
    may_create_locations: true, release_on: "hand_over", support_phone: null, environment: "own", platform,
  };
}

function trial(kind: TrialView["kind"], state: TrialView["state"], more: Partial<TrialView> = {}): TrialView {
  return { id: `${kind}-${state}`, kind, state, outcome: null, started: "2026-03-02T08:00:00Z", deadline: "2026-03-02T08:01:00Z", ended: null, by: null, detail: {}, evidence: [], ...more };
}

type Live = CommissioningView["live"];
function station(more: Partial<CommissioningView> = {}, live: Partial<Live> = {}): CommissioningView {
  const evses = [1, 2].map((n) => evse(n, { connectors: [{ id: String(n), standard: "IEC_62196_T2", format: "SOCKET", power_type: "AC_3_PHASE", voltage: 230, amperage: 32, max_electric_power: 22000 }] }));
  return view({ station: { charge_station_id: "UTR-017", location_id: "L", evses }, ...more, live: { ...view().live, connectivity_status: "Online", ...live } });
}

const says = (id: string, status: string): Live["connectors"][number] => ({ id, status, reads: "UNKNOWN", error_code: "NoError", info: null, at: "2026-03-02T08:00:00Z" });
const asks = (required: TrialKind[]): NonNullable<CommissioningView["tests"]> => ({ required, left: [], accepts_no_load: false, findings_block: false });

beforeEach(() => (language.value = "en"));

describe("what is left to test", () => {
  const names = (shown: CommissioningView): string[] => wantedOf(shown, cpo()).map((one) => `${one.kind}${one.evse ?? ""}${one.required ? "!" : ""}`);

  it("goes from what disturbs nobody to a restart, and proves each socket", () => {
    expect(names(station({ tests: asks(["which", "reboot"]) }))).toEqual(["reach", "sockets", "which1!", "which2!", "reader", "charge1", "charge2", "configuration", "reboot!"]);
    expect(trialsOf(cpo(["reboot", "reach"]))).toEqual(["reach", "reboot"]);
  });

  it("asks for the first that is required and not passed, in the last word of each", () => {
    const trials = [trial("which", "failed", { evse: 2 }), trial("which", "passed", { evse: 1 }), trial("which", "passed", { evse: 2 })];
    const shown = station({ tests: asks(["which"]), trials });
    const wanted = wantedOf(shown, cpo());
    expect(wanted.filter((one) => one.required).map((one) => one.state)).toEqual(["passed", "failed"]);
    expect(nextWanted(shown, wanted)).toMatchObject({ kind: "which", evse: 2 });
  });

  it("tells how each ended last, once, whatever came before", () => {
    const trials = [trial("reboot", "running"), trial("which", "failed", { evse: 2 }), trial("which", "passed", { evse: 2 }), trial("which", "passed", { evse: 1 }), trial("reach", "passed"), trial("trigger", "failed")];
    expect(tally(station({ trials }))).toEqual({ passed: 2, failed: 1 });
    expect(tally(station())).toEqual({ passed: 0, failed: 0 });
  });

  it("a severe difference is open until somebody accepts it", () => {
    const finding = { id: "model", kind: "model" as const, severity: "severe" as const, expected: "A", found: "B", evses: [], ways: [], accepted: null };
    const taken = { by: { id: "a", name: "A" }, at: "2026-03-02T08:00:00Z", reason: "x" } as unknown as NonNullable<typeof finding.accepted>;
    const findings = [finding, { ...finding, severity: "note" as never }, { ...finding, accepted: taken }];
    expect(openDifferences(station({ findings }))).toEqual([finding]);
    const running = { trials: [trial("reach", "running")] };
    expect([station({ findings, ...running }), station(running), station({ findings: findings.slice(1) })].map(readiness)).toEqual(["differs", "running", "done"]);
  });

  it("without a policy one that passes will do", () => {
    const next = (shown: CommissioningView): string | undefined => nextWanted(shown, wantedOf(shown, cpo()))?.kind;
    expect(next(station())).toBe("reach");
    expect(next(station({ trials: [trial("trigger", "passed")] }))).toBeUndefined();
    expect(next(station({ checks: [check("tests", { state: "done" })] }))).toBeUndefined();
  });

  it("has the ways that the operator has", () => {
    expect(waysOf(cpo(), "charge")).toEqual(["card"]);
    expect(waysOf(null, "which")).toEqual([]);
  });
});

describe("nothing is offered", () => {
  const why = (shown: CommissioningView, kind: TrialKind | null = null, how: How | null = null, now = CLEAR) => hindrance(shown, kind, how, now);

  it("without signal, before the work is sent, offline, or while another one runs", () => {
    expect(why(station())).toBeNull();
    expect(why(station(), null, null, { signal: false, unsent: false })).toBe("signal");
    expect(why(station(), null, null, { signal: true, unsent: true })).toBe("unsent");
    expect(why(station({}, { connectivity_status: "Offline" }))).toBe("offline");
    expect(why(station({ trials: [trial("reach", "running")] }, { connectivity_status: "Offline" }))).toBe("running");
  });

  it("while somebody charges; and what restarts or unlocks, while somebody is plugged in", () => {
    expect(why(station({}, { connectors: [says("1", "Charging")] }), "reach")).toBe("in_use");
    const plugged = station({}, { connectors: [says("1", "Finishing")] });
    expect([why(plugged, "reach"), why(plugged, "which", "plug"), why(plugged, "which", "unlock"), why(plugged, "reboot")]).toEqual([null, null, "in_use", "in_use"]);
    expect(why(station({}, { connectors: [says("0", "Charging")] }))).toBeNull();
  });

  it("is asked about first where hands could be inside", () => {
    expect([isHazardous("reboot", null), isHazardous("configuration", "fix"), isHazardous("which", "unlock")]).toEqual([true, true, true]);
    expect([isHazardous("configuration", "check"), isHazardous("which", "plug"), isHazardous("charge", "remote")]).toEqual([false, false, false]);
  });
});

describe("which socket is which", () => {
  it("lights up where a plug is, in both OCPP versions", () => {
    const lit = (shown: CommissioningView): number[] => socketRows(shown, "en").filter((row) => row.plugged).map((row) => row.evse);
    expect(lit(station({}, { connectors: [says("1", "Available"), says("2", "Preparing")] }))).toEqual([2]);
    expect(lit(station({}, { protocol_version: "Ocpp201", connectors: [says("1.1", "Occupied"), says("2.1", "Available")] }))).toEqual([1]);
  });

  it("tells a socket by its words, else by its kind", () => {
    const told = station();
    const [left] = told.station?.evses ?? [];
    if (left) left.directions = [{ language: "nl", text: "Links" }, { language: "en", text: "Left" }];
    expect(socketRows(told, "en").map((row) => row.words)).toEqual(["Left", "Type 2"]);
  });
});

describe("what a test found", () => {
  const mixed = trial("which", "failed", { evse: 2, outcome: "other_socket", detail: { reacted: { station_id: "UTR-017", connector: "1", evse: 1, directions: [] } } });

  it("two sockets in each other's place, until they are swapped", () => {
    expect(pairOf(mixed)).toEqual([1, 2]);
    expect(pairOf({ ...mixed, outcome: "this_one" })).toBeNull();
    const finding = { id: "swapped:1:2", kind: "swapped" as const, severity: "severe" as const, expected: "2", found: "1", evses: [1, 2], ways: [], accepted: null };
    expect([findingOf(station({ findings: [finding] }), [1, 2])?.id, findingOf(station(), [1, 2])]).toEqual(["swapped:1:2", null]);
  });

  it("two that this phone has swapped before the test, and not back, are not swapped again first", () => {
    const at = (made: string) => {
      const op = operation("swap_sockets", { evses: [2, 1] });
      return queued(1, op, { state: "accepted", result: { ...accepted(op.id), at: made } });
    };
    const [before, after] = [at("2026-03-02T07:59:00Z"), at("2026-03-02T08:00:30Z")];
    const told = [[before], [before, before], [after], [], [{ ...before, state: "refused" as const }]].map((items) => swappedBefore(items, station(), mixed));
    expect(told).toEqual([true, false, false, false, false]);
  });

  it("settings that can be mended from here, and no others", () => {
    const line = (key: string, state: string, may_fix: boolean) => ({ key, about: "setting", expected: "60", value: "5", state, may_fix });
    const found = trial("configuration", "failed", { detail: { lines: [line("A", "ok", true), line("B", "wrong", true), line("C", "wrong", false), line("D", "refused", true)] } });
    expect([linesOf(found).length, toFix(found).map((one) => one.key)]).toEqual([4, ["B", "D"]]);
  });

  it("a next step by the likely cause, and none after a good end", () => {
    expect([nextStep(trial("reach", "failed", { cause: "deaf" })), nextStep(trial("reach", "failed")), nextStep(trial("reach", "passed"))]).toEqual(["mend_deaf", "mend_other", null]);
  });

  it("what to do now, by kind and way", () => {
    expect(doingOf(trial("which", "running", { waits_for: "person", detail: { how: "unlock" } }))).toBe("do_which_unlock_person");
    expect(doingOf(trial("charge", "running", { waits_for: "card", detail: { how: "card" } }))).toBe("do_charge_card");
    expect(doingOf(trial("reboot", "running", { waits_for: "back" }))).toBe("do_back");
  });
});
