import { computed, effect } from "@preact/signals";
import { render } from "preact";
import { App } from "./app";
import { sleep, wake } from "./live";
import { watchInstall } from "./parts/install";
import { start } from "./router";
import { broken, loadLocal, me, reached, settings, signedOut, sync, tick } from "./state";
import "./styles.css";
import { watchUpdates } from "./update";
import { language, pickLanguage, speak } from "./words";

const wanted = computed(() => pickLanguage([settings.value.language, me.value?.person.language, ...navigator.languages]));
/** Without signal on a phone that never had them, the words come another time. */
const speakIt = (): Promise<void> => speak(wanted.value).catch(() => undefined);
effect(() => void speakIt());
effect(() => {
  document.documentElement.lang = language.value;
});
effect(() => {
  const { theme } = settings.value;
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
});
/** From joining to leaving, the server tells by itself what changes. */
const signedIn = computed(() => me.value !== null && !signedOut.value);
effect(() => {
  if (signedIn.value) queueMicrotask(() => void wake());
  else sleep();
});

watchInstall();
if (!location.hash) history.replaceState(null, "", "#/");
start();
/** In English rather than late, where the words do not come. */
const patience = new Promise((done) => setTimeout(done, 2_000));
void Promise.race([speakIt(), patience]).then(() => render(<App />, document.getElementById("app") as HTMLElement));

setInterval(() => {
  if (!document.hidden) tick.value = Date.now();
}, 1000);
addEventListener("online", () => {
  void speakIt();
  void sync.kick("online");
  void wake();
});
addEventListener("offline", () => {
  reached.value = false;
});
addEventListener("pageshow", (event) => {
  if ((event as PageTransitionEvent).persisted) void wake();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) sleep();
  else void wake();
});

loadLocal()
  .then(() => void sync.kick("start"))
  .catch((error: unknown) => {
    broken.value = String(error);
  });
watchUpdates().catch(() => undefined);
