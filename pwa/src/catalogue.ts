import { rank } from "./gps";
import { api, db } from "./state";
import type { Fix } from "./gps";
import type { LocationItem, TemplateItem } from "./types";

/** Locations and station models of a CPO: from the server, and from this phone's memory where there is no signal. */

const MOST_KEPT = 500;

export interface Found<T> {
  items: T[];
  /** From memory: there may be more, or newer. */
  remembered: boolean;
}

export async function locations(cpo: string, fix: Fix | null, text: string): Promise<Found<LocationItem>> {
  try {
    const where = fix ? { lat: fix.latitude, lon: fix.longitude } : {};
    const { items } = await api.get<{ items: LocationItem[] }>("/field/locations", { cpo, ...where, text: text.trim(), limit: 20 });
    await remember(cpo, items);
    return { items: rank(items, fix), remembered: false };
  } catch {
    return { items: rank(await remembered(cpo), fix), remembered: true };
  }
}

export async function remembered(cpo: string): Promise<LocationItem[]> {
  return (await db.get<LocationItem[]>("kv", `locations:${cpo}`)) ?? [];
}

/** Keeps the newest words of each location, those seen last first. */
export async function remember(cpo: string, items: LocationItem[]): Promise<void> {
  const fresh = new Set(items.map((item) => item.id));
  const older = (await remembered(cpo)).filter((item) => !fresh.has(item.id));
  const kept = [...items, ...older].slice(0, MOST_KEPT).map((item) => ({ ...item, distance_m: null }));
  await db.put("kv", `locations:${cpo}`, kept);
}

export async function templates(cpo: string): Promise<Found<TemplateItem>> {
  try {
    const { items } = await api.get<{ items: TemplateItem[] }>("/field/templates", { cpo });
    await db.put("kv", `templates:${cpo}`, items);
    return { items, remembered: false };
  } catch {
    return { items: (await rememberedTemplates(cpo)), remembered: true };
  }
}

export async function rememberedTemplates(cpo: string): Promise<TemplateItem[]> {
  return (await db.get<TemplateItem[]>("kv", `templates:${cpo}`)) ?? [];
}

/** Where the phone is, if it may know without asking anybody. */
async function quietFix(): Promise<Fix | null> {
  try {
    const { state } = await navigator.permissions.query({ name: "geolocation" });
    if (state !== "granted") return null;
    return await new Promise((found) => {
      const here = ({ coords: { latitude, longitude, accuracy } }: GeolocationPosition): void => found({ latitude, longitude, accuracy });
      navigator.geolocation.getCurrentPosition(here, () => found(null), { maximumAge: 600_000, timeout: 5_000 });
    });
  } catch {
    return null;
  }
}

/** Brings what the first steps need onto this phone while there is signal: the work may go on in a basement. */
export async function stockUp(cpo: string): Promise<void> {
  await templates(cpo);
  await locations(cpo, await quietFix(), "");
}

/** The model's sockets, if this phone has seen it: lets the screens draw a station that the server has yet to make. */
export async function templateOf(cpo: string, id: string | undefined): Promise<TemplateItem | null> {
  return (await rememberedTemplates(cpo)).find((item) => item.template_id === id) ?? null;
}
