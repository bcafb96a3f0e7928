import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../words";
import { Button, Loading, Notice, Screen } from "./ui";

type Rare = typeof import("../screens/rare");

const rare = signal<Rare | null>(null);
const failed = signal(false);

async function load(): Promise<void> {
  failed.value = false;
  try {
    rare.value = await import("../screens/rare");
  } catch {
    failed.value = true;
  }
}

/** Something on top of the screens from the file of rare ones; until it is there the screens stay as they are. */
export function Quietly({ show }: { show: (screens: Rare) => preact.ComponentChildren }) {
  useEffect(() => {
    if (!rare.value) void load();
  }, [failed.value]);
  return rare.value && <>{show(rare.value)}</>;
}

/** A screen from the file of rare ones, fetched when the first of them is asked for. */
export function Rarely({ show }: { show: (screens: Rare) => preact.ComponentChildren }) {
  useEffect(() => {
    if (!rare.value) void load();
  }, []);
  if (rare.value) return <>{show(rare.value)}</>;
  return (
    <Screen title={t("app")} name={t("app")} parent="#/">
      {failed.value ? <Notice tone="wait">{t("error_no_signal")}<Button test="load-again" tone="quiet" small onClick={() => void load()}>{t("retry")}</Button></Notice> : <Loading />}
    </Screen>
  );
}
