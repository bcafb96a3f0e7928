import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Camera, Decoder, readPhoto } from "../camera";
import { PhotoIcon, NoCameraIcon, ScanIcon } from "../parts/icons";
import { Button, Field, Loading, Notice, Screen } from "../parts/ui";
import { go, path } from "../router";
import { hostOf, labelIn, Once, sendable, type CameraState } from "../scan";
import { me } from "../state";
import type { ScanSource } from "../types";
import { t, type WordKey } from "../words";

const SLOW_MS = 6_000;

/** The hosts whose /S/ addresses are our own labels: never followed, only read. */
function hosts(): string[] {
  return [location.host, ...hostOf(me.value?.server.public_url ?? "")];
}

/** The address of the look-up of a text; the code of one of our own labels is all that is asked about it. */
export function lookupPath(text: string, source: ScanSource): string {
  const clean = sendable(text);
  const asked = labelIn(clean, hosts()) ?? clean;
  return `#/lookup?${new URLSearchParams({ text: asked, source })}`;
}

const WHY: Partial<Record<CameraState, [WordKey, WordKey]>> = {
  insecure: ["scan_insecure", "scan_insecure_why"],
  denied: ["scan_denied", "scan_denied_why"],
  none: ["scan_none", "scan_none_why"],
  busy: ["scan_busy", "scan_busy_why"],
};

export function Scan() {
  const video = useRef<HTMLVideoElement>(null);
  const photo = useRef<HTMLInputElement>(null);
  const camera = useRef<Camera | null>(null);
  const decoder = useRef<Decoder>(new Decoder());
  const state = useSignal<CameraState>("starting");
  const slow = useSignal(false);
  const several = useSignal<string[]>([]);
  const torch = useSignal<boolean | null>(null);
  const zoom = useSignal(1);
  const reading = useSignal(false);
  const trouble = useSignal<WordKey | null>(null);

  const found = (texts: string[], source: ScanSource): void => {
    if (texts.length > 1) return void (several.value = texts.map(sendable));
    const [text] = texts;
    if (text === undefined) return;
    navigator.vibrate?.(60);
    go(lookupPath(text, source));
  };

  useEffect(() => {
    const once = new Once();
    const own = new Camera(video.current as HTMLVideoElement, decoder.current, {
      state: (next) => {
        state.value = next;
        torch.value = next === "live" && own.hasTorch ? false : null;
      },
      codes: (texts) => {
        if (!several.value.length && once.take(texts.join("\n"), performance.now())) found(texts, "scan");
      },
      trouble: () => (trouble.value = "scan_reader_broken"),
    });
    camera.current = own;
    void own.start();
    const late = setTimeout(() => (slow.value = true), SLOW_MS);
    const hidden = (): void => {
      if (document.hidden && state.value === "live") own.halt();
    };
    document.addEventListener("visibilitychange", hidden);
    return () => {
      clearTimeout(late);
      document.removeEventListener("visibilitychange", hidden);
      own.stop();
      decoder.current.stop();
    };
  }, []);

  const light = (): void => {
    torch.value = !torch.value;
    void camera.current?.torch(torch.value);
  };
  const closer = (): void => {
    zoom.value = zoom.value === 1 ? 2 : 1;
    if (camera.current) camera.current.zoom = zoom.value;
  };
  const readFile = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    reading.value = true;
    trouble.value = null;
    try {
      const texts = await readPhoto(file, decoder.current);
      if (texts.length) found(texts, "photo");
      else trouble.value = "scan_photo_nothing";
    } catch {
      trouble.value = "scan_photo_nothing";
    }
    reading.value = false;
  };

  const why = WHY[state.value];
  const takePhoto = (): void => photo.current?.click();
  return (
    <Screen
      kind="scanning" title={t("scan_title")} name={t("scan_title")} subtitle={t("scan_subtitle")} parent="#/"
      foot={
        <>
          {!why && <p class="muted centre" data-test="scan-hint">{t(slow.value ? "scan_slow" : "scan_hint")}</p>}
          {why && <Button test="scan-photo" onClick={takePhoto}><PhotoIcon />{t("scan_take_photo")}</Button>}
          <Button test="scan-typed" tone="quiet" onClick={() => go("#/type")}>{t("scan_typed")}</Button>
        </>
      }
    >
      <input
        ref={photo} type="file" accept="image/*" capture="environment" class="unseen" data-test="scan-photo-input" aria-label={t("scan_take_photo")}
        onChange={(event) => {
          void readFile(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      <div class={why ? "camera off" : "camera"} data-test="scan-camera" data-state={state.value}>
        <video ref={video} playsInline muted autoPlay class={zoom.value === 2 ? "zoomed" : ""} aria-label={t("scan_title")} />
        {!why && <div class="finder" aria-hidden="true" />}
        {state.value === "starting" && <Loading text={t("scan_starting")} />}
        {state.value === "stopped" && (
          <div class="asleep">
            <p>{t("scan_stopped")}</p>
            <Button test="scan-wake" small onClick={() => void camera.current?.start()}><ScanIcon />{t("scan_stopped_do")}</Button>
          </div>
        )}
        {why && (
          <div class="why" data-test="scan-why">
            <span class="big"><NoCameraIcon /></span>
            <h2>{t(why[0])}</h2>
            <p>{t(why[1])}</p>
            {state.value !== "insecure" && <Button test="scan-retry" tone="quiet" small onClick={() => void camera.current?.start()}>{t("retry")}</Button>}
          </div>
        )}
        {!why && (
          <div class="over">
            {torch.value !== null && <button type="button" class={torch.value ? "round on" : "round"} aria-pressed={torch.value} data-test="scan-light" onClick={light}>{t("scan_light")}</button>}
            <button type="button" class={zoom.value === 2 ? "round on" : "round"} aria-pressed={zoom.value === 2} data-test="scan-zoom" onClick={closer}>{t("scan_zoom")}</button>
            <button type="button" class="round" data-test="scan-photo" onClick={takePhoto}>{t("scan_photo")}</button>
          </div>
        )}
        <div class="floating">
          {reading.value && <Notice tone="info" title={t("scan_reading")} />}
          {trouble.value && <Notice tone="bad" test="scan-trouble">{t(trouble.value)}</Notice>}
          {several.value.length > 0 && (
            <div class="card" data-test="scan-several">
              <h2>{t("scan_several")}</h2>
              {several.value.map((text) => (
                <button key={text} type="button" class="item plain" data-test="scan-candidate" onClick={() => go(lookupPath(text, "scan"))}><span class="mono">{text}</span></button>
              ))}
              <Button test="scan-again" tone="quiet" small onClick={() => (several.value = [])}>{t("scan_again")}</Button>
            </div>
          )}
        </div>
      </div>
    </Screen>
  );
}

/** The equal path for everybody without a camera or with a scratched code; a scanner that types ends with Enter. */
export function Typed() {
  const text = useSignal("");
  const look = (): void => {
    if (text.value.trim()) go(lookupPath(text.value, "typed"));
  };
  return (
    <Screen
      title={t("scan_typed_label")} name={t("scan_typed_label")} parent="#/scan"
      foot={<Button test="scan-typed-submit" onClick={look} disabled={!text.value.trim()}>{t("scan_typed_submit")}</Button>}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          look();
        }}
      >
        <Field
          label={t("scan_typed_label")} test="scan-typed-input" value={text.value} onInput={(value) => (text.value = value)} hint={t("scan_typed_hint")}
          attributes={{ class: "input mono", autoCapitalize: "characters", autoCorrect: "off", autoComplete: "off", spellcheck: false, maxLength: 500, autofocus: true, enterKeyHint: "search" }}
        />
      </form>
    </Screen>
  );
}

/** Where a label's landing page sends the app: the code is looked up at once. */
export const scannedPath = (code: string): string => path("lookup") + `?${new URLSearchParams({ text: code, source: "scan" })}`;
