/// <reference lib="webworker" />
import { prepareZXingModule, readBarcodes, type ReaderOptions } from "zxing-wasm/reader";
import type { DecodeAnswer, DecodeRequest } from "./decoding";
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

declare const self: DedicatedWorkerGlobalScope;

/** The library fetches its wasm from a CDN unless told; ours comes with the build. */
prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true }).catch(() => undefined);

const LIVE: ReaderOptions = {
  formats: ["QRCode", "MicroQRCode", "DataMatrix", "Aztec", "Code128", "Code39"],
  tryHarder: true,
  tryInvert: true,
  tryDownscale: true,
  maxNumberOfSymbols: 4,
};
const PHOTO: ReaderOptions = { ...LIVE, tryDenoise: true, maxNumberOfSymbols: 8 };

self.addEventListener("message", (event: MessageEvent<DecodeRequest>) => {
  void decode(event.data);
});

async function decode({ id, image, thorough }: DecodeRequest): Promise<void> {
  const answer: DecodeAnswer = { id, texts: [] };
  try {
    const results = await readBarcodes(image, thorough ? PHOTO : LIVE);
    answer.texts = [...new Set(results.filter((r) => r.isValid && r.text).map((r) => r.text))];
  } catch (error) {
    answer.error = error instanceof Error ? error.message : String(error);
  }
  self.postMessage(answer);
}
