import { app } from "./en/app";
import { codes } from "./en/codes";
import { work } from "./en/work";

/** English. Short, spoken, no codes: what happened, why, what next. "one|many" where a number {n} decides. */
export const en = { ...app, ...work, ...codes };
