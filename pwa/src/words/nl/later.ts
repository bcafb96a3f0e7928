import { online } from "./online";
import { tests } from "./tests";
import { visit } from "./visit";

/** Woorden van de schermen die later worden opgehaald. */
export const later = { ...online, ...tests, ...visit };
