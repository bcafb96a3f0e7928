import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { isPassword, waiting } from "../src/consents";
import type { CommissioningView, RequestView } from "../src/types";
import { consent as en } from "../src/words/en/consent";
import { consent as nl } from "../src/words/nl/consent";
import { view } from "./fixtures";

const AT = Date.parse("2026-03-02T08:00:00Z");
const source = (path: string): string => readFileSync(new URL(`../../app/${path}`, import.meta.url), "utf8");
const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

function asked(change: Partial<RequestView> = {}): RequestView {
  return {
    id: "r-1", command: "reset", detail: {}, by: { id: "sue", name: "Sue" }, system: null, why: null, state: "waiting", result: "waiting",
    asked: "2026-03-02T08:00:00Z", expires: "2026-03-02T08:01:00Z", ended: null, ...change,
  };
}

describe("what waits for a yes", () => {
  const of = (request: RequestView, change: Partial<CommissioningView> = {}): number => waiting([{ ...view(), requests: [request], ...change }], AT).length;

  it("is asked of who holds the commissioning while there is time", () => {
    expect(of(asked())).toBe(1);
    expect(of(asked({ expires: "2026-03-02T08:00:00Z" }))).toBe(0);
    expect(of(asked(), { mine: false })).toBe(0);
    expect(of(asked(), { state: "handed_over" })).toBe(0);
  });

  it("is nothing that has an answer, or never needed one", () => {
    for (const state of ["allowed", "refused", "expired", "not_sent", "interrupted", "done"] as const) expect(of(asked({ state }))).toBe(0);
    expect(of(asked({ expires: null }))).toBe(0);
  });

  it("tells the station's password from its settings", () => {
    const keys = ["AuthorizationKey", "BasicAuthPassword", "SecurityCtrlr.BasicAuthPassword", "AuthorizationKeyLength", "HeartbeatInterval"];
    expect(keys.map(isPassword)).toEqual([true, true, true, false, false]);
  });

  it("is nothing where an older server says nothing of it", () => {
    const { requests: _, ...older } = view();
    expect(waiting([older as CommissioningView], AT)).toEqual([]);
  });
});

describe("its words", () => {
  it("have the same places in both languages", () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(places(nl[key]), key).toEqual(places(en[key]));
  });

  it("are there for every command and every end", () => {
    const values = (text: string, name: string): string[] =>
      [...(text.split(`class ${name}(StrEnum)`)[1] ?? "").split("\n\n\n")[0]!.matchAll(/= "(\w+)"/g)].map((match) => match[1]!);
    const commanding = source("domain/commanding.py");
    const commands = [...(commanding.split("def word_of")[1] ?? "").split("\n\n\n")[0]!.matchAll(/return "(\w+)"/g)].map((match) => match[1]!);
    const ends = [...values(commanding, "RequestState"), ...values(source("domain/commands.py"), "CommandState")].filter((one) => one !== "waiting");
    expect(commands.length).toBe(8);
    expect(ends.length).toBeGreaterThan(10);
    expect([...commands, ...ends].filter((code) => !(code in en))).toEqual([]);
  });
});
