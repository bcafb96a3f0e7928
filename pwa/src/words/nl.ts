import type { en } from "./en";
import type { later as lateEn } from "./en/later";
import { app } from "./nl/app";
import { codes } from "./nl/codes";
import { later } from "./nl/later";
import { work } from "./nl/work";

/** Nederlands. Kort en gesproken: wat gebeurde, waarom, wat nu. */
export const nl: Readonly<Record<keyof typeof en | keyof typeof lateEn, string>> = { ...app, ...work, ...codes, ...later };
