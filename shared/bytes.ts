// Byte strings: the one form in which bytes travel through the project. A byte string is a string whose character codes are
// all 0..255; it is what Espruino's sockets and hashes give, what V8 stores one byte per character, and it compares with `===`.
// In: numbers and byte strings. Out: byte strings, hex, base64url. It must never hold a character above 255.

export type Bytes = string;

/** SHA-256 of a byte string: exactly 32 bytes. Passed in, because shared/ has no cryptography of its own. */
export type Sha256 = (data: Bytes) => Bytes;

const HEX = '0123456789abcdef';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Unsigned 32-bit integer as 4 bytes, most significant first. */
export function uint32Bytes(n: number): Bytes {
  return String.fromCharCode((n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255);
}

export function repeatByte(code: number, length: number): Bytes {
  let out = '';
  for (let i = 0; i < length; i++) out += String.fromCharCode(code);
  return out;
}

export function toHex(bytes: Bytes): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes.charCodeAt(i);
    out += HEX.charAt(code >> 4) + HEX.charAt(code & 15);
  }
  return out;
}

/** Lower-case hex to bytes; `undefined` unless every character is a hex digit and the length is even. */
export function fromHex(hex: string): Bytes | undefined {
  if (hex.length % 2 !== 0) return undefined;
  let out = '';
  for (let i = 0; i < hex.length; i += 2) {
    const high = HEX.indexOf(hex.charAt(i));
    const low = HEX.indexOf(hex.charAt(i + 1));
    if (high < 0 || low < 0) return undefined;
    out += String.fromCharCode(high * 16 + low);
  }
  return out;
}

/** RFC 4648 section 5, without padding. */
export function toBase64url(bytes: Bytes): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < bytes.length; i++) {
    held = held * 256 + bytes.charCodeAt(i);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out += BASE64URL.charAt((held >> bits) & 63);
      held = held & ((1 << bits) - 1);
    }
  }
  if (bits > 0) out += BASE64URL.charAt((held << (6 - bits)) & 63);
  return out;
}

/** The inverse of `toBase64url`; `undefined` for a foreign character, a length no encoder gives, or left-over bits that are not zero. */
export function fromBase64url(text: string): Bytes | undefined {
  if (text.length % 4 === 1) return undefined;
  let out = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < text.length; i++) {
    const code = BASE64URL.indexOf(text.charAt(i));
    if (code < 0) return undefined;
    held = held * 64 + code;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 255);
      held = held & ((1 << bits) - 1);
    }
  }
  return held === 0 ? out : undefined;
}
