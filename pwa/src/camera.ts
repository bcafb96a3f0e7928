import { cameraTrouble, cropOf, fitted, type CameraState } from "./scan";
import type { DecodeAnswer, DecodeRequest } from "./decoding";

const FRAME_MS = 110;
const LIVE_PIXELS = 1280;
const PHOTO_PIXELS = [2000, 1000, 3200] as const;
const DECODE_LIMIT_MS = 20_000;

/** The barcode reader in its own thread; loaded when the camera or a photo is first used. */
export class Decoder {
  private worker: Worker | null = null;
  private next = 1;
  private readonly waiting = new Map<number, (answer: DecodeAnswer) => void>();

  private start(): Worker {
    const worker = new Worker(new URL("./decoder.worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<DecodeAnswer>) => this.waiting.get(data.id)?.(data));
    worker.addEventListener("error", () => this.waiting.forEach((end, id) => end({ id, texts: [], error: "worker" })));
    return worker;
  }

  warm(): void {
    this.worker ??= this.start();
  }

  /** The texts of all codes in the picture; rejects when the reader could not be loaded. */
  async read(image: ImageData, thorough: boolean): Promise<string[]> {
    this.warm();
    const id = this.next++;
    const answer = await new Promise<DecodeAnswer>((resolve) => {
      const limit = setTimeout(() => resolve({ id, texts: [], error: "time" }), DECODE_LIMIT_MS);
      this.waiting.set(id, (got) => {
        clearTimeout(limit);
        resolve(got);
      });
      const request: DecodeRequest = { id, image, thorough };
      this.worker?.postMessage(request, [image.data.buffer]);
    });
    this.waiting.delete(id);
    if (answer.error) throw new Error(answer.error);
    return answer.texts;
  }

  stop(): void {
    this.worker?.terminate();
    this.worker = null;
    this.waiting.clear();
  }
}

function pixels(
  source: CanvasImageSource, crop: { x: number; y: number; width: number; height: number }, longest: number,
  canvas: HTMLCanvasElement = document.createElement("canvas"),
): ImageData {
  const size = fitted(crop.width, crop.height, longest);
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(source, crop.x, crop.y, crop.width, crop.height, 0, 0, size.width, size.height);
  return context.getImageData(0, 0, size.width, size.height);
}

/** Codes in a photo, tried at several sizes: a small code wants pixels, a blurred one wants fewer. */
export async function readPhoto(file: Blob, decoder: Decoder): Promise<string[]> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
    for (const longest of PHOTO_PIXELS) {
      const texts = await decoder.read(pixels(picture, whole, longest), true);
      if (texts.length) return texts;
    }
    return [];
  } finally {
    picture.close();
  }
}

interface TorchTrack {
  getCapabilities?: () => MediaTrackCapabilities & { torch?: boolean; zoom?: { max: number; min: number } };
}

/** One camera stream for one visit of the scan screen: never reopened in between, stopped when the page is hidden. */
export class Camera {
  private stream: MediaStream | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;
  private readonly canvas = document.createElement("canvas");
  zoom = 1;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly decoder: Decoder,
    private readonly on: { state: (state: CameraState) => void; codes: (texts: string[]) => void; trouble: () => void },
  ) {}

  async start(): Promise<void> {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media) return this.on.state(isSecureContext ? "none" : "insecure");
    this.on.state("starting");
    try {
      this.stream = await media.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1080 } },
      });
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      this.stop();
      return this.on.state(cameraTrouble(error));
    }
    if (!this.stream) return;
    this.stream.getVideoTracks()[0]?.addEventListener("ended", () => this.halt());
    this.on.state("live");
    this.decoder.warm();
    void this.loop();
  }

  /** Stopped by the phone or by leaving the app: a tap starts it again. */
  halt(): void {
    this.stop();
    this.on.state("stopped");
  }

  stop(): void {
    clearTimeout(this.timer);
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  private async loop(): Promise<void> {
    const began = performance.now();
    try {
      const { videoWidth: width, videoHeight: height } = this.video;
      if (width > 0) {
        const texts = await this.decoder.read(pixels(this.video, this.crop(width, height), LIVE_PIXELS, this.canvas), false);
        if (texts.length && this.stream) this.on.codes(texts);
      }
    } catch {
      this.on.trouble();
    }
    if (!this.stream) return;
    this.timer = setTimeout(() => void this.loop(), Math.max(10, FRAME_MS - (performance.now() - began)));
  }

  /** With 2x by software only the middle half is looked at, which gives the decoder twice the pixels of a code. */
  private crop(width: number, height: number): { x: number; y: number; width: number; height: number } {
    const crop = cropOf(width, height, this.frame++);
    if (this.zoom === 1) return crop;
    const half = { width: Math.round(width / 2), height: Math.round(height / 2) };
    return { x: Math.round(width / 4), y: Math.round(height / 4), ...half };
  }

  get hasTorch(): boolean {
    return this.capabilities?.torch === true;
  }

  private get capabilities(): ReturnType<NonNullable<TorchTrack["getCapabilities"]>> | undefined {
    const track = this.stream?.getVideoTracks()[0] as TorchTrack | undefined;
    return track?.getCapabilities?.();
  }

  async torch(on: boolean): Promise<void> {
    const wish = { advanced: [{ torch: on } as MediaTrackConstraintSet] };
    await this.stream?.getVideoTracks()[0]?.applyConstraints(wish).catch(() => undefined);
  }
}
