import { useSignal } from "@preact/signals";
import { t } from "../later";
import { Button, Field, Screen } from "../parts/ui";
import { path, replace } from "../router";
import { enqueue } from "../state";
import type { CommissioningView, ParkReason } from "../types";

const REASONS: readonly ParkReason[] = ["power", "sim", "network", "part", "access", "other"];

export function Park({ view }: { view: CommissioningView }) {
  const reason = useSignal<ParkReason | null>(null);
  const note = useSignal("");
  const until = useSignal("");
  const here = path("c", view.id);
  const park = async (): Promise<void> => {
    if (!reason.value) return;
    const more = { ...(note.value.trim() ? { note: note.value.trim() } : {}), ...(until.value ? { until: until.value } : {}) };
    await enqueue("park", view.id, { reason: reason.value, ...more }, { station_id: view.station_id });
    replace(here);
  };
  return (
    <Screen title={t("park_title")} name={t("park_title")} subtitle={view.station_id} parent={here} foot={<Button test="park-submit" disabled={!reason.value} onClick={() => void park()}>{t("park_do")}</Button>}>
      <p class="muted">{t("park_intro")}</p>
      <div class="stack" role="radiogroup" aria-label={t("park_title")}>
        {REASONS.map((each) => (
          <button key={each} type="button" role="radio" aria-checked={reason.value === each} class={reason.value === each ? "toggle on" : "toggle"} data-test={`park-${each}`} onClick={() => (reason.value = each)}>
            <span class="box round" aria-hidden="true">{reason.value === each ? "●" : ""}</span>{t(`park_${each}`)}
          </button>
        ))}
      </div>
      <Field label={t("park_note")} test="park-note" value={note.value} onInput={(value) => (note.value = value)} attributes={{ maxLength: 500 }} />
      <Field label={t("park_until")} test="park-until" value={until.value} onInput={(value) => (until.value = value)} attributes={{ type: "date" }} />
    </Screen>
  );
}
