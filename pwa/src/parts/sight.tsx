import { t } from "../later";
import { lookNow, nextLook } from "../live";
import { codeWords } from "../problems";
import { cpoOf, now, tick } from "../state";
import { ago, span, when } from "../times";
import type { CommissioningView, Elsewhere as Found } from "../types";
import { language } from "../words";
import { environmentWords } from "../world";
import { CopyButton, Id, Button, Notice } from "./ui";

/** Older than this, the platform was not asked or did not answer. */
const STALE_MS = 120_000;

/** How old what is shown is, what keeps us from newer, and when we look again: never a spinner without an end. */
export function Sight({ view }: { view: CommissioningView }) {
  const problem = cpoOf(view.cpo_id)?.platform?.problem ?? null;
  const left = nextLook.value === null ? null : Math.max(0, nextLook.value - tick.value);
  const stale = view.read_at && now.value - Date.parse(view.read_at) > STALE_MS;
  return (
    <section class="stack" data-test="sight">
      {problem && <Notice tone="wait" test="sight-problem">{codeWords(problem, {})}</Notice>}
      <p class={stale ? "muted strong" : "muted"} data-test="sight-age">
        {view.read_at ? t(stale ? "sight_stale" : "sight_seen", { ago: ago(view.read_at, now.value) }) : t("sight_never")}{" "}
        {left === null ? t("sight_looking") : t("sight_next", { span: span(left) })}
      </p>
      <Button test="look-now" tone="quiet" small disabled={left === null} onClick={lookNow}>{t("sight_now")}</Button>
    </section>
  );
}

/** The station calls the wrong world: which one, and what to type instead. */
export function Elsewhere({ found }: { found: Found }) {
  const environment = environmentWords(found.environment);
  return (
    <Notice tone="bad" title={t("elsewhere_title", { environment })} test="elsewhere">
      <p>{t("elsewhere_text", { when: when(found.seen, now.value, language.value) })}</p>
      {found.ocpp_url && <div class="copyline"><Id text={found.ocpp_url} test="elsewhere-url" /><CopyButton text={found.ocpp_url} test="elsewhere-copy" /></div>}
    </Notice>
  );
}
