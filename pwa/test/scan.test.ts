import { describe, expect, it } from "vitest";
import { cameraTrouble, cropOf, fitted, hostOf, labelIn, Once, sendable, tidy, withoutSecrets } from "../src/scan";

const HOSTS = ["stationlink.example", "192.0.2.7:8000"];

describe("our own labels", () => {
  it.each([
    ["HTTPS://STATIONLINK.EXAMPLE/S/7KQ2-M4XA-9", "7KQ2-M4XA-9"],
    ["https://stationlink.example/s/7kq2-m4xa-9/", "7KQ2-M4XA-9"],
    ["http://192.0.2.7:8000/S/7KQ2M4XA9", "7KQ2M4XA9"],
    ["https://stationlink.example/#/scan/7KQ2-M4XA-9", "7KQ2-M4XA-9"],
  ])("%s", (text, code) => expect(labelIn(text, HOSTS)).toBe(code));

  it.each(["https://evil.example/S/7KQ2-M4XA-9", "https://stationlink.example/desk", "7KQ2-M4XA-9", "", "javascript:alert(1)", "https://stationlink.example/S/a/b"])(
    "is nothing of ours: %s", (text) => expect(labelIn(text, HOSTS)).toBeNull());

  it("knows the host of an address and of nothing else", () => {
    expect([hostOf("http://192.0.2.7:8000/x"), hostOf("UTR-017")]).toEqual([["192.0.2.7:8000"], []]);
  });
});

describe("what leaves the phone", () => {
  it("is one line of printable text, kept as written", () => {
    expect(tidy("  \ufeffUTR|017 a/B\r\n\u001dX\u0000 ")).toBe("UTR|017 a/B X");
    expect(tidy("x".repeat(900)).length).toBe(500);
  });

  it.each([
    ["WIFI:S:TeslaWallConnector_4A21C0;T:WPA;P:ABC;123;;", "TeslaWallConnector_4A21C0"],
    ["wifi:T:WPA;P:pa\\;ss;S:EV\\;12;;", "EV;12"],
    ["WIFI:T:nopass;;", ""],
  ])("a Wi-Fi code is its network's name alone: %s", (text, name) => {
    expect(sendable(text)).toBe(name);
  });

  it.each([
    ["SN=EH123456&PIN=4711", "SN=EH123456&PIN=***"],
    ["serial: ZAP0042; pin: 1234; x", "serial: ZAP0042; pin: ***; x"],
    ['{"sn":"A1","security_code":"9988"}', '{"sn":"A1","security_code":"***"}'],
    ["https://x.example/?id=7&password=hunter2&z=1", "https://x.example/?id=7&password=***&z=1"],
    ["SPINNER-12 KEYBOARD", "SPINNER-12 KEYBOARD"],
  ])("secrets are masked: %s", (text, kept) => expect(withoutSecrets(text)).toBe(kept));
});

describe("frames", () => {
  it("one code before the lens is one reading until it was gone for a while", () => {
    const once = new Once(2_000);
    expect([once.take("A", 0), once.take("A", 100), once.take("A", 2_000), once.take("B", 2_100), once.take("A", 2_200), once.take("A", 4_300)]).toEqual(
      [true, false, false, true, true, true]);
  });

  it("reads the middle, and every fourth frame whole", () => {
    expect(cropOf(1920, 1080, 0)).toEqual({ x: 474, y: 54, width: 972, height: 972 });
    expect(cropOf(1920, 1080, 3)).toEqual({ x: 0, y: 0, width: 1920, height: 1080 });
  });

  it("scales down, never up", () => {
    expect([fitted(4000, 3000, 2000), fitted(640, 480, 2000), fitted(0, 0, 10)]).toEqual([{ width: 2000, height: 1500 }, { width: 640, height: 480 }, { width: 1, height: 1 }]);
  });

  it("tells why there is no camera", () => {
    const named = (name: string): Error => Object.assign(new Error(), { name });
    expect(["NotAllowedError", "NotFoundError", "OverconstrainedError", "NotReadableError", "AbortError"].map((name) => cameraTrouble(named(name)))).toEqual(["denied", "none", "none", "busy", "busy"]);
  });
});
