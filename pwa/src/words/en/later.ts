import { online } from "./online";
import { tests } from "./tests";
import { visit } from "./visit";

/** Words of the screens that are fetched later: see app/parts/lazy. They add to those that the app starts with. */
export const later = { ...online, ...tests, ...visit };
