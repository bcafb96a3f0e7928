import { useSignal } from "@preact/signals";
import { t } from "../later";
import { Button, Field, Screen } from "../parts/ui";
import { path, replace } from "../router";
import { enqueue } from "../state";
import type { CommissioningView } from "../types";

const LONGEST = 100;

/** What stands on the type plate, to be compared with what the station says of itself. */
export function Serial({ view }: { view: CommissioningView }) {
  const serial = useSignal(view.plate_serial ?? "");
  const here = path("c", view.id);
  const typed = serial.value.trim();
  const keep = async (): Promise<void> => {
    if (typed !== (view.plate_serial ?? "")) await enqueue("set_serial", view.id, { serial: typed }, { station_id: view.station_id });
    replace(here);
  };
  return (
    <Screen
      title={t("serial_title")} name={t("serial_title")} subtitle={view.station_id} parent={here}
      foot={<Button test="serial-submit" disabled={!typed && !view.plate_serial} onClick={() => void keep()}>{t("serial_keep")}</Button>}
    >
      <p class="muted">{t("serial_intro")}</p>
      <Field
        label={t("serial_label")} test="serial" value={serial.value} onInput={(value) => (serial.value = value)}
        attributes={{ maxLength: LONGEST, autoCapitalize: "characters", autoComplete: "off", spellcheck: false }}
      />
    </Screen>
  );
}
