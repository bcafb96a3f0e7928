import { describe, expect, it } from "vitest";
import { again, checkReceipt, counts, insist, isReplaced, outdated, overlay, rebased, sendable, standingOn, withDependants } from "../src/outbox";
import type { DescribeBody, Operation, Queued } from "../src/types";
import { ADA, accepted, evse, location, ME, newLocation, operation, queued, refused, view } from "./fixtures";

const begin = (id = "c1"): Operation => operation("begin", { station_id: "S", cpo_id: "ABC", source: "scan" }, id);
const seqs = (items: Queued[]): number[] => items.map((item) => item.seq);
const describeOne = (text: string, base: string, numbers = [1]): Operation =>
  operation("describe_evse", {
    evse_sequence_numbers: numbers, directions: [{ language: "en", text }],
    base: Object.fromEntries(numbers.map((number) => [number, { directions: base ? [{ language: "en", text: base }] : [] }])),
  });

describe("what may be sent", () => {
  it("goes in the order it was made, and what a killed tab was sending goes again", () => {
    const items = [queued(3, operation("resume", {})), queued(1, begin()), queued(2, operation("park", { reason: "sim" }), { state: "sending" })];
    expect(seqs(sendable(items, ADA.id))).toEqual([1, 2, 3]);
  });

  it("leaves another person's changes to that person", () => {
    expect(sendable([queued(1, begin(), { person_id: "bob" })], ADA.id)).toEqual([]);
  });

  it("holds back what stands on a refused begin, and no other commissioning", () => {
    const items = [
      queued(1, begin("c1"), { state: "refused" }), queued(2, operation("park", { reason: "sim" }, "c1")), queued(3, operation("park", { reason: "sim" }, "c2")),
    ];
    expect(seqs(sendable(items, ADA.id))).toEqual([3]);
  });

  it("holds back a choice of a location whose creation was refused", () => {
    const made = operation("create_location", { location: newLocation("L") });
    const items = [queued(1, made, { state: "refused" }), queued(2, operation("choose_location", { location_id: "L" })), queued(3, operation("choose_location", { location_id: "M" }))];
    expect(seqs(sendable(items, ADA.id))).toEqual([3]);
  });

  it("sends one writing of the same words at a time, so that the next one knows how it ended", () => {
    const items = [queued(1, describeOne("b", "a", [1, 2])), queued(2, describeOne("c", "b")), queued(3, describeOne("x", "", [3]))];
    expect(seqs(sendable(items, ADA.id))).toEqual([1, 3]);
  });
});

describe("a change that fell", () => {
  it("takes along everything that stands on it", () => {
    const items = [queued(1, begin()), queued(2, operation("park", { reason: "sim" })), queued(3, operation("park", { reason: "sim" }, "c2"))];
    expect(seqs(withDependants(items, 1))).toEqual([1, 2]);
  });

  it("leaves later words standing on what was seen before it", () => {
    const [fallen, later] = [queued(1, describeOne("b", "a")), queued(2, describeOne("c", "b"))];
    expect(seqs(standingOn([fallen, later], fallen))).toEqual([2]);
    expect((rebased(later, fallen).op.body as DescribeBody).base?.["1"]?.directions).toEqual([{ language: "en", text: "a" }]);
  });

  it("leaves a later choice of location standing on the one before", () => {
    const fallen = queued(1, operation("choose_location", { location_id: "B", base: null }));
    const later = queued(2, operation("choose_location", { location_id: "C", base: "B" }));
    expect(rebased(later, fallen).op.body).toEqual({ location_id: "C", base: null });
  });

  it("is asked again under a new id with the same body and order", () => {
    const item = queued(4, begin(), { state: "refused", tries: 3, result: refused("x", "may_not_create") });
    const next = again(item);
    expect(next).toMatchObject({ seq: 4, state: "queued", tries: 0, result: null, op: { body: item.op.body, commissioning_id: "c1" } });
    expect(next.op.id).not.toBe(item.op.id);
  });

  it("insisting says that theirs was seen, for the field that clashed only", () => {
    const detail = { field: "directions", evse_sequence_number: 1, yours: [], theirs: [{ language: "en", text: "theirs" }] };
    const next = insist(queued(1, describeOne("mine", "old"), { state: "refused", result: refused("x", "changed_meanwhile", detail) }));
    const body = next.op.body as DescribeBody;
    expect(body.base?.["1"]?.directions).toEqual(detail.theirs);
    expect(body.directions).toEqual([{ language: "en", text: "mine" }]);
    const place = queued(2, operation("choose_location", { location_id: "B", base: null }), { state: "refused", result: refused("x", "changed_meanwhile", { field: "location", theirs: "T" }) });
    expect(insist(place).op.body).toEqual({ location_id: "B", base: "T" });
  });
});

describe("what the screens see", () => {
  it("pending changes lie over the server's view in order; refused and accepted ones do not", () => {
    const items = [
      queued(1, operation("park", { reason: "sim" })), queued(2, operation("resume", {})),
      queued(3, operation("park", { reason: "part" }), { state: "refused" }), queued(4, operation("abandon", {}), { state: "accepted" }),
      queued(5, operation("hand_over", {}, "c2")),
    ];
    expect(overlay(view(), items, "c1", ME)).toEqual(view());
    expect(overlay(view(), items.slice(0, 1), "c1", ME)?.parked?.reason).toBe("sim");
  });

  it("a commissioning begun without signal is whole after a reload", () => {
    const items = [queued(1, begin()), queued(2, operation("choose_location", { location_id: "L" }), { hint: { location: location("L") } })];
    const seen = overlay(null, items, "c1", ME);
    expect([seen?.station_id, seen?.location?.id, seen?.checks[0]?.state]).toEqual(["S", "L", "done"]);
  });

  it("shows the receipt of the last change of each check", () => {
    const items = [queued(1, operation("choose_location", { location_id: "L" }), { state: "accepted" }), queued(2, describeOne("a", ""), { state: "sending" }), queued(3, operation("waive_check", { check: "tests", reason: "r" }))];
    expect(["location", "texts", "tests", "online"].map((key) => checkReceipt(items, "c1", key))).toEqual([3, 2, 1, null]);
  });

  it("counts mine, and what somebody else left", () => {
    const items = [queued(1, begin()), queued(2, begin(), { state: "refused" }), queued(3, begin(), { person_id: "bob" }), queued(4, begin(), { state: "accepted", person_id: "bob" })];
    expect(counts(items, ADA.id)).toEqual({ pending: 1, sending: 0, refused: 1, foreign: 1 });
  });

  it("forgets old receipts and never anything unsettled", () => {
    const now = Date.parse("2026-03-30T00:00:00Z");
    const old = queued(1, begin(), { state: "accepted", settled_at: accepted("x").at });
    const fresh = queued(2, begin(), { state: "accepted", settled_at: "2026-03-29T00:00:00Z" });
    expect(outdated([old, fresh, queued(3, begin()), queued(4, begin(), { state: "refused" })], now)).toEqual([1]);
  });

  it("views that need no EVSE survive a description of one", () => {
    expect(overlay(view({ station: null }), [queued(1, describeOne("a", ""))], "c1", ME)).toEqual(view());
    expect(evse(1).directions).toEqual([]);
  });
});

describe("the password made here", () => {
  const set = operation("set_password", { password: "x".repeat(20) });
  const taken = queued(1, set, { state: "accepted", result: { ...accepted(set.id), at: "2026-11-20T14:05:14Z" } });
  it("stands while the server's is the same one", () => {
    expect(isReplaced(taken, "2026-11-20T14:05:14Z")).toBe(false);
    expect(isReplaced(taken, null)).toBe(false);
  });
  it("opens nothing once another was set after it", () => {
    expect(isReplaced(taken, "2026-11-20T14:05:17Z")).toBe(true);
  });
  it("opens nothing once the station goes on under another id", () => {
    expect(isReplaced(taken, null, "2026-11-20T14:06:00Z")).toBe(true);
    expect(isReplaced(taken, "2026-11-20T14:05:14Z", "2026-11-20T14:00:00Z")).toBe(false);
  });
  it("is not judged before the server took it", () => {
    expect(isReplaced(queued(1, set), "2026-11-20T14:05:17Z")).toBe(false);
  });
});
