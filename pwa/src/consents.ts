import type { CommissioningView, RequestView } from "./types";

/** What somebody else wants to send to a station in this person's hands. */
export interface Question {
  view: CommissioningView;
  request: RequestView;
}

/** Those that wait for this person now; after its time a question is none. */
export function waiting(views: Iterable<CommissioningView>, at: number): Question[] {
  const open = [...views].filter((view) => view.mine && view.state === "open");
  const all = open.flatMap((view) => (view.requests ?? []).map((request) => ({ view, request })));
  return all.filter(({ request }) => request.state === "waiting" && request.expires !== null && Date.parse(request.expires) > at);
}

/** The station's own password, as OCPP 1.6 and 2.0.1 call that setting. */
export function isPassword(key: string): boolean {
  return /(^|\.)(AuthorizationKey|BasicAuthPassword)$/.test(key);
}

export function find(views: Iterable<CommissioningView>, id: string): Question | null {
  for (const view of views) {
    const request = view.requests?.find((one) => one.id === id);
    if (request) return { view, request };
  }
  return null;
}
