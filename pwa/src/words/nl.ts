import type { Words } from "../words";
import { app } from "./nl/app";
import { codes } from "./nl/codes";
import { tests } from "./nl/tests";
import { work } from "./nl/work";

/** Nederlands. Kort en gesproken: wat gebeurde, waarom, wat nu. */
export const nl: Words = { ...app, ...work, ...codes, ...tests };
