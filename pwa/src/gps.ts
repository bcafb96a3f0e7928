import type { Coordinates, LocationItem } from "./types";

/** A position in WGS84 degrees with its radius in metres. */
export interface Fix {
  latitude: number;
  longitude: number;
  accuracy: number;
}
export type GpsTrouble = "denied" | "unavailable" | "insecure";

const EARTH_RADIUS_M = 6_371_000;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Great-circle distance in metres. */
export function distance(a: Pick<Fix, "latitude" | "longitude">, b: Pick<Fix, "latitude" | "longitude">): number {
  const dLat = radians(b.latitude - a.latitude);
  const dLon = radians(b.longitude - a.longitude);
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Null for coordinates that are no numbers: a location without a place is listed last, not at 0, 0. */
export function position(coordinates: Coordinates | null): Pick<Fix, "latitude" | "longitude"> | null {
  if (!coordinates) return null;
  const latitude = Number.parseFloat(coordinates.latitude);
  const longitude = Number.parseFloat(coordinates.longitude);
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? { latitude, longitude } : null;
}

export function asCoordinates(fix: Fix): Coordinates {
  return { latitude: fix.latitude.toFixed(6), longitude: fix.longitude.toFixed(6) };
}

/** Nearest first with whole metres; without a fix, or without a place, by name and last. */
export function rank(items: LocationItem[], fix: Fix | null): LocationItem[] {
  const placed = items.map((item) => {
    const at = position(item.coordinates);
    return { ...item, distance_m: fix && at ? Math.round(distance(fix, at)) : fix ? null : item.distance_m };
  });
  return placed.sort((a, b) => (a.distance_m ?? Infinity) - (b.distance_m ?? Infinity) || a.name.localeCompare(b.name));
}

/** Every word of the search must be somewhere in name, address, place or id. */
export function matching(items: LocationItem[], text: string): LocationItem[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter((item) => {
    const hay = [item.name, item.address, item.postal_code, item.city, item.id].join(" ").toLowerCase();
    return words.every((word) => hay.includes(word));
  });
}

export const SAME_PLACE_M = 50;

/** Locations that a new one would double: within 50 m of it, or with the same address. */
export function samePlace(items: LocationItem[], at: Coordinates | null, address: string, city: string): LocationItem[] {
  const here = position(at);
  const fold = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
  const sought = fold(address + city);
  return items.filter((item) => {
    const there = position(item.coordinates);
    if (here && there && distance(here, there) <= SAME_PLACE_M) return true;
    return Boolean(fold(address)) && fold(item.address + item.city) === sought;
  });
}

export type Sureness = "good" | "fair" | "rough";

/** Up to 30 m picks a site; beyond 100 m the phone gives only its rough position and a person must choose. */
export function sureness(accuracy: number): Sureness {
  if (accuracy <= 30) return "good";
  return accuracy <= 100 ? "fair" : "rough";
}

interface Watcher {
  watchPosition: Geolocation["watchPosition"];
  clearWatch: Geolocation["clearWatch"];
}

/**
 * The best fix within `atMostMs`, reported as it improves; ends early at 30 m. Returns what stops it.
 * Where a page may not ask (plain HTTP) the browser has the object and refuses: "insecure" says why.
 */
export function locate(
  found: (fix: Fix, final: boolean) => void, failed: (why: GpsTrouble) => void,
  geo: Watcher | undefined = navigator.geolocation, secure: boolean = isSecureContext, atMostMs = 15_000,
): () => void {
  if (!secure || !geo) {
    failed(secure ? "unavailable" : "insecure");
    return () => undefined;
  }
  let best: Fix | null = null;
  let over = false;
  const stop = (): void => {
    over = true;
    clearTimeout(timer);
    geo.clearWatch(watch);
  };
  const finish = (): void => {
    if (over) return;
    stop();
    if (best) found(best, true);
    else failed("unavailable");
  };
  const timer = setTimeout(finish, atMostMs);
  const watch = geo.watchPosition(
    ({ coords: { latitude, longitude, accuracy } }) => {
      if (over || (best && best.accuracy <= accuracy)) return;
      best = { latitude, longitude, accuracy };
      if (sureness(accuracy) === "good") finish();
      else found(best, false);
    },
    (error) => {
      if (over || best) return;
      if (error.code !== 1) return;
      stop();
      failed("denied");
    },
    { enableHighAccuracy: true, maximumAge: 10_000, timeout: atMostMs },
  );
  return stop;
}
