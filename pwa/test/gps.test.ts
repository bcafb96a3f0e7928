import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { distance, locate, matching, position, rank, samePlace, sureness, type Fix } from "../src/gps";
import { location } from "./fixtures";

const DOM: Fix = { latitude: 52.090737, longitude: 5.12142, accuracy: 10 };
const at = (latitude: number, longitude: number) => ({ coordinates: { latitude: String(latitude), longitude: String(longitude) } });

describe("nearest first", () => {
  it("measures like the earth is round", () => {
    expect(distance(DOM, DOM)).toBe(0);
    expect(distance({ latitude: 52.090737, longitude: 5.12142 }, { latitude: 52.378, longitude: 4.9 })).toBeCloseTo(35_340, -2);
  });

  it("ranks by distance; places without coordinates come last, by name", () => {
    const items = [location("far", at(52.2, 5.3)), location("none-b"), location("near", at(52.0908, 5.1215)), location("none-a", { coordinates: { latitude: "x", longitude: "" } })];
    expect(rank(items, DOM).map((item) => [item.id, item.distance_m])).toEqual([["near", 9], ["far", expect.any(Number)], ["none-a", null], ["none-b", null]]);
  });

  it("without a fix keeps the server's distances", () => {
    expect(rank([location("b", { distance_m: 40 }), location("a", { distance_m: 4 })], null).map((item) => item.id)).toEqual(["a", "b"]);
  });

  it("does not take rubbish for a place at sea", () => {
    expect([position(null), position({ latitude: "", longitude: "5" }), position({ latitude: "52.1", longitude: "5" })]).toEqual([null, null, { latitude: 52.1, longitude: 5 }]);
  });

  it("searches name, street, postal code and place, all words", () => {
    const items = [location("1", { name: "Depot Noord", city: "Utrecht" }), location("2", { name: "Depot Zuid", city: "Houten" })];
    expect([matching(items, "depot").length, matching(items, "HOUTEN depot").map((item) => item.id), matching(items, "  ").length]).toEqual([2, ["2"], 2]);
  });
});

describe("the same place twice", () => {
  it("is within 50 m, or the same address", () => {
    const items = [location("49m", at(52.090737, 5.12213)), location("51m+", at(52.090737, 5.1222)), location("addr", { address: "Kerk-straat 1", city: "Utrecht" })];
    const found = samePlace(items, { latitude: "52.090737", longitude: "5.121420" }, "KERKSTRAAT 1", "utrecht");
    expect(found.map((item) => item.id)).toEqual(["49m", "addr"]);
  });

  it("an empty address matches nothing", () => {
    expect(samePlace([location("x", { address: "", city: "" })], null, "", "")).toEqual([]);
  });
});

describe("finding the phone", () => {
  type Watch = Parameters<Geolocation["watchPosition"]>;
  let told: { fix?: Fix; final?: boolean; why?: string }[];
  let watch: Watch;
  let cleared: number;
  const geo = {
    watchPosition: (...given: Watch) => ((watch = given), 1),
    clearWatch: () => void (cleared += 1),
  };
  const fix = (accuracy: number): void => watch[0]({ coords: { latitude: 52, longitude: 5, accuracy } } as GeolocationPosition);
  const start = (secure = true) => locate((found, final) => told.push({ fix: found, final }), (why) => told.push({ why }), geo, secure, 15_000);

  beforeEach(() => {
    vi.useFakeTimers();
    [told, cleared] = [[], 0];
  });
  afterEach(() => vi.useRealTimers());

  it("keeps the best fix and ends at 30 m", () => {
    start();
    fix(80);
    fix(200);
    fix(25);
    fix(5);
    expect(told.map((one) => [one.fix?.accuracy, one.final])).toEqual([[80, false], [25, true]]);
    expect(cleared).toBe(1);
  });

  it("after 15 s takes what it has, or says that there is none", () => {
    start();
    fix(150);
    vi.advanceTimersByTime(15_000);
    expect(told.at(-1)).toEqual({ fix: { latitude: 52, longitude: 5, accuracy: 150 }, final: true });
    start();
    vi.advanceTimersByTime(15_000);
    expect(told.at(-1)).toEqual({ why: "unavailable" });
  });

  it("says when it is not allowed, and when plain HTTP is why", () => {
    start();
    watch[1]?.({ code: 1 } as GeolocationPositionError);
    start(false);
    expect(told.map((one) => one.why)).toEqual(["denied", "insecure"]);
  });

  it("is silent after it was stopped", () => {
    start()();
    fix(5);
    vi.advanceTimersByTime(20_000);
    expect(told).toEqual([]);
  });

  it("calls a fix good, fair or rough", () => {
    expect([30, 31, 100, 101].map(sureness)).toEqual(["good", "fair", "fair", "rough"]);
  });
});
