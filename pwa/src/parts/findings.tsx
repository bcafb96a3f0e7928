import { useSignal } from "@preact/signals";
import { word, t } from "../later";
import { isPending, receiptOf } from "../outbox";
import { codeWords } from "../problems";
import { go, path } from "../router";
import { cpoOf, enqueue, now, queue } from "../state";
import { span, when } from "../times";
import type { CommissioningView, FindingView, Queued } from "../types";
import { language } from "../words";
import { Button, Chip, Confirm, Notice, Receipt, useFieldId } from "./ui";

const order = (finding: FindingView): number => (finding.accepted ? 2 : finding.severity === "severe" ? 0 : 1);

/** Where the station differs from what was chosen for it: both side by side, and the ways to settle it. */
export function Findings({ view }: { view: CommissioningView }) {
  const all = [...(view.findings ?? [])].sort((a, b) => order(a) - order(b));
  if (!all.length) return null;
  const blocks = view.tests?.findings_block && all.some((finding) => finding.severity === "severe" && !finding.accepted);
  return (
    <section class="stack" data-test="findings">
      <h2 class="part">{t("findings_title")}</h2>
      {blocks && <p class="muted" data-test="findings-block">{t("findings_block", { cpo: cpoOf(view.cpo_id)?.name ?? view.cpo_id })}</p>}
      {all.map((finding) => <Finding key={finding.id} finding={finding} view={view} />)}
    </section>
  );
}

function Finding({ finding, view }: { finding: FindingView; view: CommissioningView }) {
  const accepting = useSignal(false);
  const tone = finding.accepted ? "good" : finding.severity === "severe" ? "bad" : "wait";
  const last = lastTry(view, finding);
  const mayWork = view.mine && view.state === "open";
  return (
    <article class={`card finding ${tone}`} data-test="finding" data-kind={finding.kind} data-accepted={finding.accepted !== null}>
      <div class="labelrow">
        <h3>{word("finding", finding.kind, "finding_model")}</h3>
        <Chip tone={tone}>{tone === "good" ? `✓ ${t("finding_accepted")}` : tone === "bad" ? `! ${t("state_needs_you")}` : t("finding_note")}</Chip>
      </div>
      <dl class="versus">
        {sides(finding).map(({ label, value }) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}
      </dl>
      {finding.accepted && <p class="muted" data-test="finding-accepted">{t("finding_accepted_by", { name: finding.accepted.by.name, when: when(finding.accepted.at, now.value, language.value), reason: finding.accepted.reason })}</p>}
      {last?.state === "refused" && <Notice tone="bad">{codeWords(last.result?.code ?? null, last.result?.detail ?? {})}</Notice>}
      {last && isPending(last) && <p class="muted"><Receipt steps={receiptOf(last)} /> {t("finding_sending")}</p>}
      {mayWork && !finding.accepted && !(last && isPending(last)) && (
        <div class="row">
          {finding.ways.map((way) => <Button key={way} test={`finding-${way}`} tone="quiet" small onClick={() => resolve(view, finding, way, () => (accepting.value = true))}>{word("way", way, "way_accept")}</Button>)}
        </div>
      )}
      {accepting.value && <Accept finding={finding} view={view} onClose={() => (accepting.value = false)} />}
    </article>
  );
}

/** The two that differ, in words; a clock has no wish, and a count of sockets is one. */
function sides({ kind, expected, found }: FindingView): { label: string; value: string }[] {
  if (kind === "clock") {
    const seconds = Number(found);
    return [{ label: t("finding_found"), value: t(seconds > 0 ? "online_clock_ahead" : "online_clock_behind", { span: span(Math.abs(seconds) * 1000) }) }];
  }
  const sockets = kind.startsWith("connector_") && kind !== "connector_kind";
  const named = (value: string | null): string => (value === null ? t("finding_nothing") : kind === "swapped" || sockets ? t("lookup_socket", { n: value }) : value);
  const wanted = kind === "connector_extra" ? t("finding_count", { n: expected ?? "0" }) : named(expected);
  return [{ label: t(kind === "swapped" ? "finding_meant" : kind === "serial" ? "finding_plate" : "finding_expected"), value: wanted }, { label: t(kind === "swapped" ? "finding_reacted" : "finding_found"), value: named(found) }];
}

/** What this phone last did about it. */
function lastTry(view: CommissioningView, finding: FindingView): Queued | undefined {
  return queue.value.filter(({ op }) => {
    if (op.commissioning_id !== view.id) return false;
    if (op.kind === "accept_finding") return op.body.finding === finding.id;
    return (op.kind === "take_serial" && finding.kind === "serial") || (op.kind === "swap_sockets" && finding.kind === "swapped");
  }).at(-1);
}

function resolve(view: CommissioningView, finding: FindingView, way: FindingView["ways"][number], accept: () => void): void {
  const hint = { station_id: view.station_id };
  const [first, second] = finding.evses;
  switch (way) {
    case "accept": return accept();
    case "choose_template": return go(`${path("c", view.id)}/hardware`);
    case "take_serial": return void enqueue("take_serial", view.id, {}, hint);
    case "swap": return first !== undefined && second !== undefined ? void enqueue("swap_sockets", view.id, { evses: [first, second] }, hint) : undefined;
  }
}

function Accept({ finding, view, onClose }: { finding: FindingView; view: CommissioningView; onClose: () => void }) {
  const reason = useSignal("");
  const lacking = useSignal(false);
  const id = useFieldId();
  const accept = (): void => {
    const text = reason.value.trim();
    lacking.value = !text;
    if (!text) return;
    void enqueue("accept_finding", view.id, { finding: finding.id, found: finding.found, reason: text }, { station_id: view.station_id });
    onClose();
  };
  const field = (
    <div class="field">
      <label for={id}>{t("check_waive_reason")}</label>
      <textarea class="input area" id={id} data-test="finding-reason" maxLength={500} aria-invalid={lacking.value || undefined} value={reason.value} onInput={(event) => { reason.value = event.currentTarget.value; lacking.value = false; }} />
      {lacking.value && <p class="warn lack">{t("finding_reason_missing")}</p>}
    </div>
  );
  return <Confirm title={t("finding_accept_title")} text={field} action={t("finding_accept_do")} tone="main" test="finding-accept-do" onYes={accept} onNo={onClose} />;
}
