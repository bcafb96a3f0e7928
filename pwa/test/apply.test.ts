import { describe, expect, it } from "vitest";
import { apply, asItem, isDescribed, undescribed, verdict } from "../src/apply";
import type { CommissioningView, Hint, OperationBodies, OperationKind } from "../src/types";
import { ADA, check, evse, location, ME, newLocation, operation, TWIN, view } from "./fixtures";

function does<K extends OperationKind>(before: CommissioningView | null, kind: K, body: OperationBodies[K], hint: Hint = {}): CommissioningView {
  const after = apply(before, operation(kind, body), { me: ME, hint });
  expect(after).not.toBeNull();
  return after as CommissioningView;
}
const stateOf = (seen: CommissioningView, key: string) => seen.checks.find((one) => one.key === key)?.state;
const station = (...evses: ReturnType<typeof evse>[]) => ({ charge_station_id: "UTR-017", location_id: "L", evses });

describe("apply shows at once what the server will do", () => {
  it("begin makes a view from nothing, with all checks open and what to type into the station", () => {
    const begun = does(null, "begin", { station_id: "UTR-017", cpo_id: "ABC", source: "scan", label: "7KQ2-M4XA-9" });
    expect(begun).toMatchObject({ id: "c1", station_id: "UTR-017", label: "7KQ2-M4XA-9", mine: true, state: "open", begun_by: ADA });
    expect(begun.connect).toMatchObject({ url: ME.server.ocpp_url, identity: "UTR-017" });
    expect(begun.checks.map((one) => one.state)).toEqual(["open", "open", "open", "open", "open"]);
  });

  it("begin leaves a view alone that the server has told already", () => {
    const known = view({ stamp: 99 });
    expect(does(known, "begin", { station_id: "X", cpo_id: "Y", source: "typed" })).toBe(known);
  });

  it("this is my station: it goes on under the id of the attempt, and its password is another", () => {
    const typed = view({ station_id: "UTR-071", station: station(evse(1)), connect: { ...view().connect, identity: "UTR-071", password_set_at: "2026-03-02T07:30:00Z" } });
    const after = does(typed, "adopt", { knock_id: "k-1" }, { station_id: "UTR-017" });
    expect(after).toMatchObject({ station_id: "UTR-017", strangers: [], adopted: { station_id: "UTR-071" }, station: { charge_station_id: "UTR-017" } });
    expect(after.connect).toMatchObject({ identity: "UTR-017", password_set_at: null });
    expect(does(after, "adopt", { knock_id: "k-2" }, { station_id: "UTR-018" }).adopted?.station_id).toBe("UTR-071");
  });

  it("shows nothing for a commissioning that this phone does not have", () => {
    expect(apply(null, operation("park", { reason: "sim" }), { me: ME, hint: {} })).toBeNull();
  });

  it("continue makes it mine", () => {
    const theirs = view({ mine: false, person: { id: "bob", name: "Bob" } });
    expect(does(theirs, "continue", {})).toMatchObject({ mine: true, person: ADA, begun_by: ADA });
  });

  it("create_location alone changes nothing in the view", () => {
    const before = view();
    expect(does(before, "create_location", { location: newLocation("L") })).toEqual(before);
  });

  it("choose_location settles the location by its hint", () => {
    const after = does(view(), "choose_location", { location_id: "L" }, { location: location("L") });
    expect(after.location?.id).toBe("L");
    expect(after.checks[0]).toMatchObject({ state: "done", by: ADA });
  });

  it("a model before the location waits: the station exists with both, in either order", () => {
    const first = does(view(), "apply_template", { template_id: "twin" }, { template: TWIN });
    expect([first.template?.name, first.station, stateOf(first, "hardware")]).toEqual(["Twin AC 22 kW", null, "open"]);
    const both = does(first, "choose_location", { location_id: "L" }, { location: location("L"), template: TWIN });
    expect([both.station?.evses?.length, stateOf(both, "hardware")]).toEqual([2, "done"]);
  });

  it("apply_template rebuilds the EVSEs and keeps texts where the sequence number survives", () => {
    const words = [{ language: "nl", text: "Achter de wasstraat" }];
    const before = view({ location: location("L"), station: station(evse(1, { directions: words }), evse(7)) });
    const after = does(before, "apply_template", { template_id: "twin" }, { template: TWIN });
    expect(after.station?.evses?.map((one) => [one.evse_sequence_number, one.directions, one.connectors?.[0]?.id])).toEqual([[1, words, "1"], [2, [], "2"]]);
    expect(stateOf(after, "hardware")).toBe("done");
    expect(after.checks[2]).toMatchObject({ state: "open", detail: { missing: [1, 2] } });
  });

  it("describe_evse writes the named sockets only, and settles the texts when all have words", () => {
    const before = view({ station: station(evse(1), evse(2)) });
    const body = { directions: [{ language: "en", text: "Left" }], parking_restrictions: ["EV_ONLY" as const], floor_level: "-1" };
    const one = does(before, "describe_evse", { evse_sequence_numbers: [1], ...body });
    expect(one.station?.evses?.[0]).toMatchObject({ ...body, physical_reference: null });
    expect(one.station?.evses?.[1]?.directions).toEqual([]);
    expect([stateOf(one, "texts"), undescribed(one)]).toEqual(["open", [2]]);
    const all = does(one, "describe_evse", { evse_sequence_numbers: [2], directions: body.directions, parking_restrictions: [], none_checked: true });
    expect([stateOf(all, "texts"), all.none_checked]).toEqual(["done", [2]]);
  });

  it("no limits counts only when somebody said so, and can be taken back", () => {
    const described = evse(1, { directions: [{ language: "en", text: "Left" }] });
    expect([isDescribed(described, []), isDescribed(described, [1])]).toEqual([false, true]);
    const before = view({ station: station(described), none_checked: [1] });
    expect(does(before, "describe_evse", { evse_sequence_numbers: [1], none_checked: false }).none_checked).toEqual([]);
  });

  it("a waived texts check stays waived while words are written", () => {
    const before = view({ station: station(evse(1)), checks: [check("texts", { state: "waived" })] });
    expect(stateOf(does(before, "describe_evse", { evse_sequence_numbers: [1], floor_level: "2" }), "texts")).toBe("waived");
  });

  it("set_password notes when, never what", () => {
    const after = does(view(), "set_password", { password: "secretsecretsecret12" });
    expect(after.connect).toMatchObject({ password_set_at: "2026-03-02T08:00:00Z", password_used: false });
    expect(JSON.stringify(after)).not.toContain("secretsecret");
  });

  it("answer_check judges like the server", () => {
    const reading = check("ohm", { kind: "reading", minimum: 1, maximum: 5 });
    expect([verdict(reading, 0.5), verdict(reading, 5), verdict(check("q"), false), verdict(check("t", { kind: "text" }), "x")]).toEqual(["failed", "done", "failed", "done"]);
    const after = does(view({ checks: [reading] }), "answer_check", { check: "ohm", value: 3 });
    expect(after.checks[0]).toMatchObject({ state: "done", detail: { value: 3 } });
  });

  it("waive_check keeps the reason, reopen_check clears everything", () => {
    const waived = does(view(), "waive_check", { check: "tests", reason: "no car" });
    expect(waived.checks[4]).toMatchObject({ state: "waived", reason: "no car", by: ADA });
    expect(does(waived, "reopen_check", { check: "tests" }).checks[4]).toEqual(check("tests"));
  });

  it("park and resume", () => {
    const parked = does(view(), "park", { reason: "power", until: "2026-03-09" });
    expect(parked.parked).toEqual({ reason: "power", note: null, until: "2026-03-09" });
    expect(does(parked, "resume", {}).parked).toBeNull();
  });

  it("hand_over and abandon close it", () => {
    expect(does(view({ parked: { reason: "sim", note: null, until: null } }), "hand_over", { note: "key at desk" })).toMatchObject({ state: "handed_over", parked: null, note: "key at desk", handed_over_by: ADA });
    expect(does(view(), "abandon", {}).state).toBe("abandoned");
  });

  it("never changes what it was given", () => {
    const before = view({ station: station(evse(1)) });
    const copy = structuredClone(before);
    does(before, "describe_evse", { evse_sequence_numbers: [1], directions: [{ language: "en", text: "x" }], none_checked: true });
    does(before, "hand_over", {});
    expect(before).toEqual(copy);
  });

  it("a location made here is unpublished and without stations", () => {
    expect(asItem(newLocation("N"))).toMatchObject({ id: "N", publish: false, stations: 0, distance_m: null });
  });
});
