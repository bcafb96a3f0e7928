import { beforeEach, describe, expect, it } from "vitest";
import { ladder } from "../src/ladder";
import { saying } from "../src/reasons";
import type { CommissioningView, CpoInfo, PlatformInfo } from "../src/types";
import { language } from "../src/words";
import { cardWords, trialsOf } from "../src/trials";
import { worldOf, worldsOf, worldWords } from "../src/world";
import { view } from "./fixtures";

function cpo(environment: CpoInfo["environment"], platform?: Partial<PlatformInfo>): CpoInfo {
  const about = {
    cpo_id: environment, name: environment, country: "NLD", language: "nl", charger_type: "Public", default_tariff_id: "T", may_create_stations: true,
    may_create_locations: true, release_on: "hand_over" as const, support_phone: null, environment,
  };
  if (!platform) return about;
  const full: PlatformInfo = { environment, name: "GreenFlux", host: null, ocpp_url: null, sets_password: true, trials: ["charge"], ways: {}, problem: null, read_at: null };
  return { ...about, platform: { ...full, ...platform } };
}

function there(live: Partial<CommissioningView["live"]>): CommissioningView {
  const shown = view();
  return { ...shown, connect: { ...shown.connect, password_by: "platform" }, live: { ...shown.live, ...live } };
}

beforeEach(() => (language.value = "en"));

describe("which world a screen speaks to", () => {
  it("names the platform and its environment, and another one by its host", () => {
    const words = (one: CpoInfo): string => worldWords(worldOf(one));
    expect(words(cpo("own"))).toBe("Stationlink");
    expect(words(cpo("production", {}))).toBe("GreenFlux · production");
    expect(words(cpo("acceptance", {}))).toBe("GreenFlux · acceptance");
    expect(words(cpo("other", { name: "api.example.com" }))).toBe("api.example.com");
  });

  it("tells acceptance apart also from what an older server had said", () => {
    expect(worldOf(cpo("acceptance"))).toMatchObject({ environment: "acceptance", name: "Platform" });
  });

  it("says which card may charge: any of them here, a platform's own there", () => {
    expect(cardWords(cpo("own"))).toContain("any charging card");
    expect(cardWords(cpo("production", {}))).toContain("GreenFlux lets charge");
    expect(cardWords(null)).not.toContain("any charging card");
  });

  it("counts each world once", () => {
    const worlds = worldsOf([cpo("own"), cpo("own"), cpo("acceptance", {}), cpo("production", {})]);
    expect(worlds.map((world) => world.environment)).toEqual(["own", "acceptance", "production"]);
  });

  it("offers the tests that the platform allows", () => {
    expect(trialsOf(cpo("production", { trials: ["reboot"] }))).toEqual(["reboot"]);
    expect(trialsOf(cpo("production"))).toEqual(["charge"]);
    expect(trialsOf(cpo("own"))).toEqual(["reach", "reboot"]);
  });
});

describe("a station on another platform", () => {
  const known = { station: { charge_station_id: "UTR-017", location_id: "L", evses: [] } };

  it("is known there, and seen or not, and no more is claimed", () => {
    expect(ladder(there({}))).toMatchObject({ rung: "unseen", steps: ["wait", "open"] });
    expect(ladder({ ...there({ rung: "unseen" }), ...known })).toMatchObject({ rung: "unseen", steps: ["done", "wait"] });
    expect(ladder({ ...there({ connectivity_status: "Online", rung: "online" }), ...known })).toMatchObject({ rung: "online", steps: ["done", "done"] });
    const lost = { rung: "lost", rung_since: "2026-03-02T09:00:00Z", offline_since: "2026-03-02T09:00:00Z" } as const;
    expect(ladder({ ...there(lost), ...known })).toMatchObject({ rung: "lost", steps: ["done", "bad"], since: "2026-03-02T09:00:00Z" });
  });

  it("is said to be unseen, and that nobody is told why", () => {
    const seen = { ...there({ rung: "unseen" }), ...known };
    const said = saying(seen, ladder(seen), { when: "", name: "GreenFlux" });
    expect(said).toMatchObject({ title: "GreenFlux does not see it yet", text: "GreenFlux tells whether it is online, and not why it is not." });
    const away = there({});
    expect(saying(away, ladder(away), { when: "", name: "GreenFlux" }).next).toContain("Choose its location");
  });
});
