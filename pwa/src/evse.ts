import type { CommissioningView, DescribeBody, DisplayText, Evse, EvseTexts, Restriction } from "./types";

export const RESTRICTIONS: readonly Restriction[] = ["EV_ONLY", "PLUGGED", "CUSTOMERS", "DISABLED", "MOTORCYCLES"];
export const LONGEST = { directions: 512, floor: 4, reference: 16 } as const;

/** What is on the screen, saved as it is typed. */
export interface EvseForm {
  language: string;
  text: string;
  restrictions: Restriction[];
  none: boolean;
  floor: string;
  reference: string;
  all: boolean;
}

export function evseOf(view: CommissioningView, number: number): Evse | null {
  return view.station?.evses?.find((evse) => evse.evse_sequence_number === number) ?? null;
}

export function textIn(texts: DisplayText[] | null, language: string): string {
  return texts?.find((text) => text.language === language)?.text ?? "";
}

/** The form of an EVSE as it stands; its language is one that has words already, else the location's. */
export function formOf(evse: Evse, view: CommissioningView, language: string): EvseForm {
  const texts = evse.directions ?? [];
  const shown = texts.some((text) => text.language === language) ? language : (texts[0]?.language ?? language);
  return {
    language: shown,
    text: textIn(texts, shown),
    restrictions: evse.parking_restrictions ?? [],
    none: view.none_checked.includes(evse.evse_sequence_number ?? 0),
    floor: evse.floor_level ?? "",
    reference: evse.physical_reference ?? "",
    all: false,
  };
}

/** "No limits" and a limit exclude each other: the last one said is meant. */
export function toggled(form: EvseForm, restriction: Restriction): EvseForm {
  const on = form.restrictions.includes(restriction);
  const restrictions = on ? form.restrictions.filter((one) => one !== restriction) : [...form.restrictions, restriction];
  return { ...form, restrictions, none: restrictions.length === 0 && form.none };
}

export function noLimits(form: EvseForm): EvseForm {
  return { ...form, none: !form.none, restrictions: form.none ? form.restrictions : [] };
}

export type Lack = "text" | "limits";

/** What a driver would still miss; a form may be saved without, and the check then stays open. */
export function lacks(form: EvseForm): Lack[] {
  const missing: Lack[] = [];
  if (!form.text.trim()) missing.push("text");
  if (!form.none && form.restrictions.length === 0) missing.push("limits");
  return missing;
}

/** Nothing was entered, and nothing stood here that could have been taken away. */
export function isBlank(form: EvseForm, evse: Evse): boolean {
  const entered = form.text.trim() || form.none || form.restrictions.length || form.floor.trim() || form.reference.trim();
  const stood = evse.directions?.length || evse.parking_restrictions?.length || evse.floor_level || evse.physical_reference;
  return !entered && !stood;
}

function withText(texts: DisplayText[] | null, language: string, text: string): DisplayText[] {
  const others = (texts ?? []).filter((one) => one.language !== language);
  return text.trim() ? [...others, { language, text: text.trim() }] : others;
}

function seen(evse: Evse): EvseTexts {
  return {
    directions: evse.directions ?? [], parking_restrictions: evse.parking_restrictions ?? [],
    floor_level: evse.floor_level, physical_reference: evse.physical_reference,
  };
}

/**
 * The operations that write this form. The number on the post is each socket's own, so with "for all sockets" it
 * travels apart; words in other languages stay.
 */
export function describe(form: EvseForm, view: CommissioningView, number: number): DescribeBody[] {
  const evses = view.station?.evses ?? [];
  const own = evseOf(view, number);
  if (!own) return [];
  const meant = form.all ? evses.filter((evse) => evse.evse_sequence_number !== null) : [own];
  const numbers = meant.map((evse) => evse.evse_sequence_number ?? number);
  const shared: DescribeBody = {
    evse_sequence_numbers: numbers,
    directions: withText(own.directions, form.language, form.text),
    parking_restrictions: form.none ? [] : form.restrictions,
    none_checked: form.none,
    floor_level: form.floor.trim() || null,
    base: Object.fromEntries(meant.map((evse) => [String(evse.evse_sequence_number), without(seen(evse), "physical_reference")])),
  };
  const reference = form.reference.trim() || null;
  if (numbers.length === 1) {
    return [{ ...shared, physical_reference: reference, base: { [String(number)]: seen(own) } }];
  }
  if (reference === own.physical_reference) return [shared];
  const apart = { physical_reference: own.physical_reference };
  const ownNumber = { physical_reference: reference, none_checked: form.none, base: { [String(number)]: apart } };
  return [shared, { evse_sequence_numbers: [number], ...ownNumber }];
}

function without<T extends object, K extends keyof T>(value: T, key: K): Omit<T, K> {
  const { [key]: _, ...rest } = value;
  return rest;
}
