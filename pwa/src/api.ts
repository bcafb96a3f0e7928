import type { Json } from "./types";

/** The server answered, and not with what was asked. `code` is stable and has words in every language. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly detail: Json,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** No answer: no signal, a dropped connection, or too long a wait. What was asked may have been done. */
export class Unreachable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Unreachable";
  }
}

export type Post = <T>(path: string, body: Json) => Promise<T>;
export type Get = <T>(path: string, query?: Query) => Promise<T>;
export type Query = Record<string, string | number | null | undefined>;

export interface Api {
  get: Get;
  post: Post;
}

export interface ApiDeps {
  fetch?: typeof fetch;
  /** After every attempt: did the server answer at all, and does it know who we are? */
  heard: (reached: boolean, status: number | null) => void;
  readMs?: number;
  writeMs?: number;
}

/** The phone's one way to the server: JSON, a time limit on each request, the header that proves it is our own page. */
export function makeApi({ fetch: send = (...a) => fetch(...a), heard, readMs = 10_000, writeMs = 20_000 }: ApiDeps): Api {
  async function ask<T>(path: string, init: RequestInit, limitMs: number): Promise<T> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), limitMs);
    try {
      const response = await send(path, { ...init, credentials: "same-origin", cache: "no-store", signal: limit.signal });
      const text = await response.text();
      const read = answer<T>(response, text);
      heard(true, response.status);
      return read;
    } catch (error) {
      if (error instanceof ApiError) {
        heard(true, error.status);
        throw error;
      }
      heard(false, null);
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    get: (path, query) => ask(path + search(query), { method: "GET" }, readMs),
    post: (path, body) =>
      ask(
        path,
        { method: "POST", headers: { "Content-Type": "application/json", "X-Stationlink": "phone" }, body: JSON.stringify(body) },
        writeMs,
      ),
  };
}

function search(query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === null || value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

/** A page instead of JSON (a captive portal, a proxy) is a server that was not reached, unless something broke. */
function answer<T>(response: Response, text: string): T {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    if (response.status < 500) throw new Unreachable("the answer is not Stationlink's");
    throw new ApiError(response.status, "error", `HTTP ${response.status}`, {});
  }
  if (response.ok) return body as T;
  const problem = (body ?? {}) as { code?: string; message?: string; detail?: Json };
  throw new ApiError(response.status, problem.code ?? "error", problem.message ?? `HTTP ${response.status}`, problem.detail ?? {});
}
