import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../api";
import { find, isPassword, waiting, type Question } from "../consents";
import { problemWords } from "../problems";
import { path, route } from "../router";
import { api, keepViews, now, refreshView, snapshots } from "../state";
import { watch } from "../times";
import type { CommissioningView, RequestView } from "../types";
import { fill, language } from "../words";
import { consent as en } from "../words/en/consent";
import { consent as nl } from "../words/nl/consent";
import { Button, Notice } from "./ui";

const WORDS = { en, nl };
type Key = keyof typeof en;

function say(key: Key, params: Record<string, string> = {}): string {
  return fill(WORDS[language.value][key], params);
}

/** Words for a code of the server; a code that a newer server invented gets the general ones. */
function known(code: string, otherwise: Key): Key {
  return code in en ? (code as Key) : otherwise;
}

/**
 * Hands may be inside: whatever the screen, what somebody else wants to send waits here for a yes or a no. One at a time,
 * and it stays until its end was seen.
 */
export function Consent() {
  const asked = useSignal<string | null>(null);
  const [next] = waiting(snapshots.value.values(), now.value);
  const shown = asked.value ? find(snapshots.value.values(), asked.value) : (next ?? null);
  useEffect(() => {
    if (asked.value === null && next) asked.value = next.request.id;
  }, [next?.request.id]);
  if (!shown) return null;
  return <Card key={shown.request.id} {...shown} onClose={() => (asked.value = null)} />;
}

function Card({ view, request, onClose }: Question & { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const busy = useSignal(false);
  const trouble = useSignal("");
  useEffect(() => dialog.current?.showModal(), []);
  const left = request.expires === null ? 0 : Math.max(0, Date.parse(request.expires) - now.value);
  const open = request.state === "waiting" && left > 0;

  const answer = async (allow: boolean): Promise<void> => {
    busy.value = true;
    trouble.value = "";
    try {
      await keepViews([await api.post<CommissioningView>(`/field/commands/${encodeURIComponent(request.id)}`, { allow })]);
    } catch (error) {
      trouble.value = error instanceof ApiError ? problemWords(error) : say("unknown");
      await refreshView(view.id).catch(() => undefined);
    }
    busy.value = false;
  };
  return (
    <dialog ref={dialog} class="sheet consent" onCancel={(event) => event.preventDefault()} aria-labelledby="consent-title" data-test="consent" data-state={open ? "waiting" : result(request)}>
      <h2 id="consent-title">{question(request)}{open && ` ${say("hands")}`}</h2>
      <p class="muted">{view.station_id}{other(view) && ` · ${view.location?.name ?? ""}`}</p>
      {request.why && <p>{say("why", { why: request.why })}</p>}
      {typeof request.detail.value === "string" && <p>{say("value", { value: request.detail.value })}</p>}
      {trouble.value && <Notice tone="bad" test="consent-trouble">{trouble.value}</Notice>}
      {open ? (
        <>
          <p class="left" role="timer" data-test="consent-left">{say("left", { span: watch(left) })}</p>
          <Button test="consent-yes" disabled={busy.value} onClick={() => void answer(true)}>{say("yes")}</Button>
          <Button test="consent-no" tone="quiet" disabled={busy.value} onClick={() => void answer(false)}>{say("no")}</Button>
        </>
      ) : (
        <>
          <p role="status" data-test="consent-result">{say(known(result(request), "done"))}</p>
          <Button test="consent-close" tone="quiet" onClick={onClose}>{say("close")}</Button>
        </>
      )}
    </dialog>
  );
}

/** Whether the person looks at something else than this commissioning. */
function other(view: CommissioningView): boolean {
  return !path(...route.value.parts).startsWith(path("c", view.id));
}

/** A question whose time is over here counts as over, before the server has said so. */
function result(request: RequestView): string {
  return request.state === "waiting" ? "expired" : request.result;
}

function question(request: RequestView): string {
  const { connector = "", key = "" } = request.detail as { connector?: string; key?: string };
  if (request.command === "change_configuration" && isPassword(key)) return say("change_password", { who: who(request) });
  return say(known(request.command, "other"), { who: who(request), socket: connector, key });
}

function who({ by, system }: RequestView): string {
  if (by?.name) return say("support", { name: by.name });
  return system ? say("system", { name: system }) : say("somebody");
}
