import { signal } from "@preact/signals";
import { en } from "./words/en";

/** Every word on the screens stands in words/en.ts; other languages have the same keys, which the compiler checks. */
export type WordKey = keyof typeof en;
export type Words = Readonly<Record<WordKey, string>>;
export type Language = "en" | "nl";

export const LANGUAGES: Record<Language, string> = { en: "English", nl: "Nederlands" };
/** English starts with the app; each other language is a file of its own, which a phone that needs it keeps. */
const FETCHED: Record<Exclude<Language, "en">, () => Promise<Words>> = {
  nl: async () => (await import("./words/nl")).nl,
};
const dictionaries: Partial<Record<Language, Words>> = { en };
/** The language that is spoken now: one whose words are here. */
export const language = signal<Language>("en");
let wanted: Language = "en";

/** Speak this language as soon as its words are here; until then, and where they cannot be fetched, the one before. */
export async function speak(code: Language): Promise<void> {
  wanted = code;
  if (code !== "en") dictionaries[code] ??= await FETCHED[code]();
  if (wanted === code) language.value = code;
}

type Params = Record<string, string | number>;

export function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

function spoken(key: WordKey): string {
  return (dictionaries[language.value] ?? en)[key];
}

export function t(key: WordKey, params: Params = {}): string {
  return fill(spoken(key), params);
}

/** Words for a number: "one|many" in the dictionary, with {n} for the number. */
export function n(key: WordKey, count: number, params: Params = {}): string {
  const [one = "", many = one] = spoken(key).split("|");
  return fill(count === 1 ? one : many, { n: count, ...params });
}

/** Words for a code of the server; a code that a newer server invented gets the general ones. */
export function word(prefix: string, code: string | null | undefined, otherwise: WordKey, params: Params = {}): string {
  const key = `${prefix}_${code ?? ""}`;
  return t(key in en ? (key as WordKey) : otherwise, params);
}

/** The first language that we speak. */
export function pickLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const short = wish?.slice(0, 2).toLowerCase();
    if (short === "en" || short === "nl") return short;
  }
  return "en";
}
