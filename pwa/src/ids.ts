/** Ids and passwords made on this phone. crypto.randomUUID is missing on plain HTTP; getRandomValues is not. */

type Fill = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array;
const random: Fill = (bytes) => crypto.getRandomValues(bytes);

/** A random UUID (RFC 9562 version 4). */
export function uuid(fill: Fill = random): string {
  const bytes = fill(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** No 0/O, 1/I/l: somebody reads this from a phone and types it into a station. */
export const PASSWORD_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
export const PASSWORD_LENGTH = 20;

/** 20 letters and digits, each equally likely; about 116 bits. */
export function password(fill: Fill = random): string {
  const limit = 256 - (256 % PASSWORD_ALPHABET.length);
  let made = "";
  while (made.length < PASSWORD_LENGTH) {
    for (const byte of fill(new Uint8Array(32))) {
      if (byte < limit && made.length < PASSWORD_LENGTH) made += PASSWORD_ALPHABET[byte % PASSWORD_ALPHABET.length];
    }
  }
  return made;
}

/** Where `text` is other than `other`, without what they have in common at both ends. */
export function differing(text: string, other: string): [from: number, to: number] {
  const most = Math.min(text.length, other.length);
  let [from, end] = [0, 0];
  while (from < most && text[from] === other[from]) from++;
  while (end < most - from && text[text.length - 1 - end] === other[other.length - 1 - end]) end++;
  return [from, text.length - end];
}
