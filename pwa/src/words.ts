import { signal } from "@preact/signals";
import { en } from "./words/en";

/**
 * The words that the app starts with stand in words/en.ts; later.ts adds those of the screens that are fetched later.
 * Other languages have the same keys, which the compiler checks.
 */
export type WordKey = keyof typeof en;
export type Language = "en" | "nl";
type Dictionary = Readonly<Record<string, string>>;

export const LANGUAGES: Record<Language, string> = { en: "English", nl: "Nederlands" };
/** English starts with the app; each other language is a file of its own, which a phone that needs it keeps. */
const FETCHED: Record<Exclude<Language, "en">, () => Promise<Dictionary>> = {
  nl: async () => (await import("./words/nl")).nl,
};
const dictionaries: Partial<Record<Language, Dictionary>> & { en: Dictionary } = { en };
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

export interface Speaker<K extends string> {
  t(key: K, params?: Params): string;
  /** Words for a number: "one|many" in the dictionary, with {n} for the number. */
  n(key: K, count: number, params?: Params): string;
  /** Words for a code of the server; a code that a newer server invented gets the general ones. */
  word(prefix: string, code: string | null | undefined, otherwise: K, params?: Params): string;
}

function spoken(key: string): string {
  return (dictionaries[language.value] ?? dictionaries.en)[key] ?? key;
}

const speaker: Speaker<string> = {
  t: (key, params = {}) => fill(spoken(key), params),
  n: (key, count, params = {}) => {
    const [one = "", many = one] = spoken(key).split("|");
    return fill(count === 1 ? one : many, { n: count, ...params });
  },
  word: (prefix, code, otherwise, params = {}) => {
    const key = `${prefix}_${code ?? ""}`;
    return speaker.t(key in dictionaries.en ? key : otherwise, params);
  },
};

export const { t, n, word }: Speaker<WordKey> = speaker;

/** Adds the English words of screens that are fetched later; a file of another language has them all. */
export function learn<K extends string>(words: Readonly<Record<K, string>>): Speaker<WordKey | K> {
  dictionaries.en = { ...dictionaries.en, ...words };
  return speaker;
}

/** The first language that we speak. */
export function pickLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const short = wish?.slice(0, 2).toLowerCase();
    if (short === "en" || short === "nl") return short;
  }
  return "en";
}
