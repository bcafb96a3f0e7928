import { learn, type WordKey } from "./words";
import { later } from "./words/en/later";

/** As words.ts, for the screens that are fetched later: what the app starts with does not know these keys. */
export type LateKey = WordKey | keyof typeof later;
export const { t, n, word } = learn(later);
