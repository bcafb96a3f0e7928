import { signal } from "@preact/signals";
import { Button, Notice } from "./ui";
import { t } from "../words";

interface InstallEvent extends Event {
  prompt: () => Promise<unknown>;
}

const offer = signal<InstallEvent | null>(null);

/** Chrome offers the installation once; we show it where the person has time for it. */
export function watchInstall(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer.value = event as InstallEvent;
  });
  addEventListener("appinstalled", () => (offer.value = null));
}

export function InstallHint() {
  const event = offer.value;
  if (!event) return null;
  const install = async (): Promise<void> => {
    offer.value = null;
    await event.prompt();
  };
  return (
    <Notice tone="info" title={t("home_install")}>
      <Button test="home-install" tone="quiet" small onClick={() => void install()}>{t("home_install_do")}</Button>
    </Notice>
  );
}
