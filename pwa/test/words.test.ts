import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../src/api";
import { codeWords, laterWords, problemWords, secondsToWait } from "../src/problems";
import { ago, exact, span, watch } from "../src/times";
import { n, t, word } from "../src/later";
import { LANGUAGES, language, pickLanguage, speak, type Language } from "../src/words";
import { en as first } from "../src/words/en";
import { later } from "../src/words/en/later";
import { nl } from "../src/words/nl";

const en = { ...first, ...later };
const DICTIONARIES: Record<Language, typeof nl> = { en, nl };
const keys = Object.keys(en) as (keyof typeof en)[];
const others = (Object.keys(LANGUAGES) as Language[]).filter((code) => code !== "en");
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
/** The server's own lists: a new code there without words here fails. */
const source = (file: string): string => readFileSync(new URL(`../../app/${file}`, import.meta.url), "utf8");
const valuesOf = (text: string, name: string): string[] => {
  const body = new RegExp(`class ${name}\\(StrEnum\\):([\\s\\S]*?)(?=\\nclass |$)`).exec(text)?.[1] ?? "";
  return [...body.matchAll(/^\s+[A-Z_0-9]+ = "(\w+)"/gm)].map((match) => match[1] as string);
};

beforeEach(() => {
  language.value = "en";
});

describe("the dictionary", () => {
  it.each(others)("%s has every key, none empty, none more", (code) => {
    expect(Object.keys(DICTIONARIES[code]).sort()).toEqual([...keys].sort());
    expect(keys.filter((key) => !DICTIONARIES[code][key].trim() || !en[key].trim())).toEqual([]);
  });

  it.each(others)("%s uses the same placeholders and the same choice of number", (code) => {
    const different = keys.filter((key) => {
      const [ours, theirs] = [en[key], DICTIONARIES[code][key]];
      return placeholders(ours).join() !== placeholders(theirs).join() || ours.split("|").length !== theirs.split("|").length;
    });
    expect(different).toEqual([]);
  });

  it("both forms of a number say the same things", () => {
    const torn = keys.flatMap((key) => Object.values(DICTIONARIES).map((words) => words[key].split("|")))
      .filter(([one = "", many]) => many !== undefined && placeholders(one).join() !== placeholders(many).join());
    expect(torn).toEqual([]);
  });

  it("has words for every error of the server", () => {
    const codes = [...source("domain/errors.py").matchAll(/^ {4}code(?:: ClassVar\[str\])? = "(\w+)"/gm)].map((match) => match[1]);
    expect(codes.length).toBeGreaterThan(35);
    expect(codes.filter((code) => !(`error_${code}` in en))).toEqual([]);
  });

  it("says why a station was refused or went away, and what next, for every reason of the server", () => {
    const live = source("domain/live.py");
    const knocks = valuesOf(live, "KnockReason").filter((reason) => reason !== "accepted");
    expect(knocks.length).toBeGreaterThan(8);
    expect(knocks.filter((reason) => !(`knock_${reason}` in en && `knock_next_${reason}` in en))).toEqual([]);
    const ends = valuesOf(live, "OfflineReason").filter((reason) => reason !== "never");
    expect(ends.length).toBeGreaterThan(4);
    expect(ends.filter((reason) => !(`lost_${reason}` in en && `lost_next_${reason}` in en))).toEqual([]);
  });

  it("says of every rung what it is, how it stands and what next", () => {
    const rungs = valuesOf(source("domain/stations.py"), "Rung");
    expect(rungs.length).toBe(10);
    const asked = rungs.filter((rung) => rung !== "refused");
    expect(rungs.filter((rung) => !(`online_state_${rung}` in en && `online_text_${rung}` in en))).toEqual([]);
    expect(asked.filter((rung) => !(`online_next_${rung}` in en))).toEqual([]);
  });

  it("has words for parking reasons and for every outcome of a test", () => {
    expect(valuesOf(source("domain/commissioning.py"), "ParkReason").filter((reason) => !(`park_${reason}` in en))).toEqual([]);
    const trials = source("domain/trials.py");
    const missing = (name: string, prefix: string): string[] => valuesOf(trials, name).filter((value) => !(`${prefix}_${value}` in en));
    expect(valuesOf(trials, "Outcome")).toContain("did_not_return");
    expect([missing("Outcome", "outcome"), missing("Cause", "cause"), missing("Cause", "mend"), missing("WaitsFor", "do")]).toEqual([[], [], [], []]);
    expect(valuesOf(source("domain/expectations.py"), "LineState").filter((state) => !(`setting_${state}` in en && `setting_says_${state}` in en))).toEqual([]);
  });

  it("says how the id of an unknown station differs", () => {
    expect(valuesOf(source("domain/knocks.py"), "Difference").filter((how) => !(`differs_${how}` in en))).toEqual([]);
  });

  it("has words for what is found, and for each way to resolve it", () => {
    const findings = source("domain/findings.py");
    expect(valuesOf(findings, "FindingKind").filter((kind) => !(`finding_${kind}` in en))).toEqual([]);
    expect(valuesOf(findings, "Way").filter((way) => !(`way_${way}` in en))).toEqual([]);
  });
});

describe("saying it", () => {
  it("fills placeholders and picks the form for the number", () => {
    expect([t("online_from", { when: "10:02", address: "::1" }), n("strip_waits", 1), n("strip_waits", 3)]).toEqual(["10:02, from ::1", "1 change waits", "3 changes wait"]);
  });

  it("speaks another language once its words are here, and of two wishes the last", async () => {
    const dutch = speak("nl");
    expect(language.value).toBe("en");
    await dutch;
    expect(n("strip_waits", 3)).toBe("3 wijzigingen wachten");
    expect(t("why_power")).toBe(nl.why_power);
    await Promise.all([speak("nl"), speak("en")]);
    expect(n("strip_waits", 3)).toBe("3 changes wait");
  });

  it("a code that a newer server invented has general words, never the bare code", () => {
    expect(word("outcome", "brand_new", "outcome_other")).toBe(en.outcome_other);
    expect(codeWords("brand_new", {})).toBe(en.error_refused);
    expect(codeWords("checks_open", { checks: ["online", "tests"] })).toBe("Some steps are still open: Online, Tests.");
  });

  it("takes the first language that we speak", () => {
    expect([pickLanguage([null, "de-DE", "nl-BE"]), pickLanguage(["fr"]), pickLanguage(["en-GB", "nl"])]).toEqual(["nl", "en", "en"]);
  });

  it("tells times exactly and relatively", () => {
    const at = Date.parse("2026-03-02T10:02:00");
    expect([span(59_000), span(61_000), span(7_200_000), span(86_400_000), span(-5)]).toEqual(["59\u00a0s", "1\u00a0min", "2\u00a0h", "1\u00a0day", "0\u00a0s"]);
    expect([watch(252_000), watch(5_000), watch(3_720_000)]).toEqual(["4\u00a0min 12\u00a0s", "5\u00a0s", "1\u00a0h 2\u00a0min"]);
    expect([exact(at, at + 240_000, "en"), exact(at, at + 86_400_000, "en")]).toEqual(["10:02", "2 Mar 10:02"]);
    expect([ago(at, at + 240_000), ago(at, at + 5_000)]).toEqual(["4\u00a0min ago", "just now"]);
  });
});

describe("a platform that puts us off", () => {
  const error = (code: string, detail = {}): ApiError => new ApiError(503, code, code, detail);

  it("says of what waits that it goes by itself, and of a question that it has to be asked again", () => {
    for (const code of ["platform_unavailable", "platform_busy"]) {
      expect(laterWords(code)).toContain("by itself");
      expect(problemWords(error(code))).toMatch(/try again/i);
    }
    expect(laterWords("platform_key_refused")).toContain("stays on this phone");
    expect(laterWords("brand_new")).toBe(en.later_platform_unavailable);
  });

  it("is asked again by itself after the time it wants, but not while a person has to set a key", () => {
    expect(secondsToWait(error("platform_busy", { retry_after: 42 }))).toBe(42);
    expect(secondsToWait(error("platform_unavailable"))).toBe(10);
    expect([secondsToWait(error("platform_key_refused")), secondsToWait(new Error("x")), secondsToWait(null)]).toEqual([null, null, null]);
  });
});
