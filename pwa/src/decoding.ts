/** What page and barcode reader say to each other. `thorough` is for photos, where time matters less. */
export interface DecodeRequest {
  id: number;
  image: ImageData;
  thorough: boolean;
}
export interface DecodeAnswer {
  id: number;
  texts: string[];
  error?: string;
}
