import { useSignal } from "@preact/signals";
import { verdict } from "../apply";
import { asNumber } from "../checklist";
import { t } from "../later";
import { Button, Field, Notice, Screen, useFieldId } from "../parts/ui";
import { checkName } from "../problems";
import { go, path, replace } from "../router";
import { enqueue } from "../state";
import type { CheckView, CommissioningView } from "../types";

type Value = boolean | string | number;

function limits({ minimum, maximum, unit }: CheckView): string | undefined {
  const params = { low: minimum ?? "", high: maximum ?? "", unit: unit ?? "" };
  if (minimum !== null && maximum !== null) return t("check_between", params);
  if (minimum !== null) return t("check_at_least", params);
  return maximum === null ? undefined : t("check_at_most", params);
}

/** A line that the CPO's own policy adds to the list: yes or no, a text, a reading. */
export function Policy({ view, check }: { view: CommissioningView; check: CheckView }) {
  const kept = check.detail["value"];
  const text = useSignal(typeof kept === "string" || typeof kept === "number" ? String(kept) : "");
  const trouble = useSignal("");
  const here = path("c", view.id);
  const answer = async (value: Value): Promise<void> => {
    await enqueue("answer_check", view.id, { check: check.key, value }, { station_id: view.station_id });
    replace(here);
  };
  const submit = (): void => {
    if (check.kind === "text") return void (text.value.trim() && answer(text.value.trim()));
    const number = asNumber(text.value);
    if (number === null) return void (trouble.value = t("check_not_a_number"));
    void answer(number);
  };
  const number = check.kind === "reading" ? asNumber(text.value) : null;
  const outside = number !== null && verdict(check, number) === "failed";
  return (
    <Screen
      title={checkName(check)} name={checkName(check)} subtitle={view.station_id} parent={here}
      foot={check.kind === "yes_no"
        ? <div class="row"><Button test="check-no" tone="quiet" onClick={() => void answer(false)}>{t("check_answer_no")}</Button><Button test="check-yes" onClick={() => void answer(true)}>{t("check_answer_yes")}</Button></div>
        : check.kind !== "photo" && <Button test="check-save" disabled={!text.value.trim()} onClick={submit}>{t("save")}</Button>}
    >
      {check.state === "failed" && <Notice tone="bad" title={t("state_failed")}>{check.reason}</Notice>}
      {check.state === "waived" && <Notice tone="wait" title={t("state_waived")}>{check.reason}</Notice>}
      {trouble.value && <Notice tone="bad">{trouble.value}</Notice>}
      {check.kind === "yes_no" && <p class="question">{checkName(check)}</p>}
      {check.kind === "photo" && <p>{t("check_photo_text")}</p>}
      {check.kind === "text" && <Field label={t("check_text")} test="check-input" value={text.value} onInput={(value) => (text.value = value)} attributes={{ maxLength: 500 }} />}
      {check.kind === "reading" && (
        <Field
          label={[t("check_reading"), check.unit && `(${check.unit})`].filter(Boolean).join(" ")} test="check-input" value={text.value}
          onInput={(value) => (text.value = value)} {...(limits(check) ? { hint: limits(check) as string } : {})} attributes={{ inputMode: "decimal", class: "input mono", maxLength: 20 }}
        />
      )}
      {outside && <Notice tone="wait">{t("check_outside")}</Notice>}
      <Waiving view={view} check={check} />
    </Screen>
  );
}

/** The way out that leaves a trace: a reason, or the step opened again. */
export function Waiving({ view, check }: { view: CommissioningView; check: CheckView }) {
  if (!view.mine || view.state !== "open") return null;
  const reopen = async (): Promise<void> => {
    await enqueue("reopen_check", view.id, { check: check.key }, { station_id: view.station_id });
  };
  if (check.state === "waived") return <Button test="check-reopen" tone="quiet" small onClick={() => void reopen()}>{t("check_reopen")}</Button>;
  if (check.state === "done") return null;
  return <Button test="check-waive" tone="quiet" small onClick={() => go(`${path("c", view.id)}/waive/${encodeURIComponent(check.key)}`)}>{t("check_waive")}</Button>;
}

export function Waive({ view, check }: { view: CommissioningView; check: CheckView }) {
  const reason = useSignal("");
  const trouble = useSignal(false);
  const id = useFieldId();
  const here = path("c", view.id);
  const waive = async (): Promise<void> => {
    trouble.value = !reason.value.trim();
    if (trouble.value) return;
    await enqueue("waive_check", view.id, { check: check.key, reason: reason.value.trim() }, { station_id: view.station_id });
    replace(here);
  };
  return (
    <Screen title={t("check_waive_title")} name={t("check_waive_title")} subtitle={checkName(check)} parent={here} foot={<Button test="waive-submit" onClick={() => void waive()}>{t("check_waive_do")}</Button>}>
      <p class="muted">{t("check_waive_text")}</p>
      {trouble.value && <Notice tone="bad">{t("check_waive_missing")}</Notice>}
      <div class="field">
        <label for={id}>{t("check_waive_reason")}</label>
        <textarea class="input area" id={id} data-test="waive-reason" maxLength={500} value={reason.value} onInput={(event) => (reason.value = event.currentTarget.value)} />
      </div>
    </Screen>
  );
}
