import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { rememberedTemplates, templates } from "../catalogue";
import { hasCardReader, outlets, summary } from "../parts/hardware";
import { StationPicture } from "../parts/picture";
import { Button, Chip, Empty, Loading, Screen } from "../parts/ui";
import { path, replace } from "../router";
import { cpoOf, enqueue, reached } from "../state";
import type { CommissioningView, TemplateItem } from "../types";
import { n, t } from "../words";

/** "2 sockets Type 2 22 kW · card reader". */
export function inWords(template: Pick<TemplateItem, "evse_templates">): string {
  const lines = summary(outlets(template.evse_templates)).map(({ name, count, cable, kilowatts }) =>
    [n(cable ? "hardware_cable" : "hardware_socket", count), name, kilowatts && `${kilowatts} kW`].filter(Boolean).join(" "),
  );
  if (hasCardReader(template.evse_templates)) lines.push(t("hardware_card_reader"));
  return lines.join(" · ");
}

export function Hardware({ view }: { view: CommissioningView }) {
  const items = useSignal<TemplateItem[] | null>(null);
  const lost = useSignal(false);
  const chosen = useSignal<string | null>(view.template?.template_id ?? null);
  const signal = reached.value !== false;
  const load = async (): Promise<void> => {
    const found = await templates(view.cpo_id);
    lost.value = found.remembered;
    if (!found.remembered || !items.value) items.value = found.items;
  };
  useEffect(() => {
    void rememberedTemplates(view.cpo_id).then((known) => {
      if (!items.value && known.length) items.value = known;
    });
    void load();
  }, []);
  useEffect(() => {
    if (signal && lost.value) void load();
  }, [signal]);

  const shown = items.value ?? [];
  const selected = shown.find((item) => item.template_id === chosen.value) ?? null;
  const use = async (template: TemplateItem): Promise<void> => {
    await enqueue("apply_template", view.id, { template_id: template.template_id }, { station_id: view.station_id, template });
    replace(path("c", view.id));
  };
  const described = view.station?.evses?.some((evse) => evse.directions?.length || evse.parking_restrictions?.length);
  return (
    <Screen
      title={t("hardware_title")} name={t("hardware_title")} subtitle={view.station_id} parent={path("c", view.id)}
      foot={<Button test="template-use" disabled={!selected} onClick={() => selected && void use(selected)}>{selected ? t("hardware_use", { name: selected.name }) : t("hardware_pick")}</Button>}
    >
      {shown.length > 0 && <p class="muted">{t("hardware_sorted", { cpo: cpoOf(view.cpo_id)?.name ?? view.cpo_id })}. {t("hardware_note")}</p>}
      {described && <p class="muted">{t("hardware_keeps")}</p>}
      {items.value === null && <Loading />}
      {items.value?.length === 0 && <Empty title={t("hardware_none")} text={t(lost.value ? "hardware_no_signal" : "hardware_none_text")} />}
      {items.value?.length === 0 && lost.value && <Button test="hardware-retry" tone="quiet" small onClick={() => void load()}>{t("retry")}</Button>}
      <div class="stack" role="radiogroup" aria-label={t("hardware_title")}>
        {shown.map((item) => <Model key={item.template_id} item={item} on={chosen.value === item.template_id} pick={() => (chosen.value = item.template_id)} />)}
      </div>
    </Screen>
  );
}

function Model({ item, on, pick }: { item: TemplateItem; on: boolean; pick: () => void }) {
  return (
    <button type="button" role="radio" aria-checked={on} class={on ? "card choice on" : "card choice"} data-test="template-item" data-id={item.template_id} onClick={pick}>
      <span class="portrait"><StationPicture evses={item.evse_templates} name={item.name} size={104} /></span>
      <div>
        <h2>{item.name}</h2>
        <p class="muted">{inWords(item)}</p>
        {(item.used > 0 || on) && <Chip tone={on ? "good" : "plain"}>{on && "✓ "}{item.used > 0 ? n("hardware_used", item.used) : t("hardware_picked")}</Chip>}
      </div>
    </button>
  );
}
