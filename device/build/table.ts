// Makes the tables of the signature: `ts.table`, the same for every board, and `ts.hub`, with which a board verifies one public key. In: nothing, or the
// key. Out: bytes, the same on every machine: entries as 36 float32 limbs (k, m, p, the highest limb first), and in the large one the matrix that halves
// a 768-bit number mod L, the curve's d, and a source. Runs on Node only. It must never contain a secret: everything here is public mathematics.

import { createHash } from 'node:crypto';
import { ENTRY_BYTES, SOURCE_AT, TABLE_BYTES } from '../ed25519table.ts';
import { LIMBS, exponentOf } from '../ed25519field.ts';
import { PROGRAMS_TEXT } from './programs.ts';

interface Affine {
  readonly x: bigint;
  readonly y: bigint;
}

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = modulo(-121665n * inverseOf(121666n, P), P);
const BASE: Affine = {
  x: 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,
  y: 0x6666666666666666666666666666666666666666666666666666666666666658n,
};
const NEUTRAL: Affine = { x: 0n, y: 1n };

interface Shape {
  readonly combs: number;
  readonly teeth: number;
  readonly spacing: number;
}

/** 192 entries, 27 KB; 42 additions and 6 doublings a signature. */
const LARGE_COMB: Shape = { combs: 6, teeth: 6, spacing: 7 };
/** 8 entries, 1.1 KB; 63 additions and 62 doublings. */
const SMALL_COMB: Shape = { combs: 1, teeth: 4, spacing: 63 };

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function inverseOf(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, modulo(value, modulus), 0n, 1n];
  while (r1 !== 0n) [r0, r1, t0, t1] = [r1, r0 % r1, t1, t0 - (r0 / r1) * t1];
  return modulo(t0, modulus);
}

/** RFC 8032, section 5.1.4, in affine coordinates. */
function addAffine(a: Affine, b: Affine): Affine {
  const product = modulo(D * a.x * b.x * a.y * b.y, P);
  const x = (a.x * b.y + b.x * a.y) * inverseOf(1n + product, P);
  const y = (a.y * b.y + a.x * b.x) * inverseOf(1n - product, P);
  return { x: modulo(x, P), y: modulo(y, P) };
}

function negate(a: Affine): Affine {
  return { x: modulo(-a.x, P), y: a.y };
}

/** 2^exponent a. */
function doubleOften(a: Affine, exponent: number): Affine {
  let out = a;
  for (let i = 0; i < exponent; i++) out = addAffine(out, out);
  return out;
}

/** The value as 12 limbs of either sign times 2^-128, exact in float32, the highest first. */
function scaledLimbs(value: bigint): Float32Array {
  const out = new Float32Array(LIMBS);
  let rest = modulo(value, P);
  if (rest > P / 2n) rest -= P;
  for (let i = 0; i < LIMBS; i++) {
    const width = BigInt(exponentOf(i + 1) - exponentOf(i));
    let digit = i === LIMBS - 1 ? rest : modulo(rest, 1n << width);
    if (i < LIMBS - 1 && digit >= 1n << (width - 1n)) digit -= 1n << width;
    rest = (rest - digit) >> width;
    out[LIMBS - 1 - i] = Number(digit) * 2 ** (exponentOf(i) - 128);
  }
  return out;
}

/** The entries of one comb: the last tooth is always added, bit i of the index says whether tooth i is added or subtracted. */
function combEntries(point: Affine, shape: Shape): Affine[] {
  const teeth = Array.from({ length: shape.teeth }, (_, i) => doubleOften(point, i * shape.spacing));
  const last = teeth.pop() ?? NEUTRAL;
  return Array.from({ length: 1 << (shape.teeth - 1) }, (_, index) =>
    teeth.reduce((sum, tooth, i) => addAffine(sum, (index >> i) & 1 ? tooth : negate(tooth)), last),
  );
}

function entryBytes(point: Affine): Buffer {
  const half = inverseOf(2n, P);
  const m = scaledLimbs((point.y - point.x) * half);
  const p = scaledLimbs((point.y + point.x) * half);
  const k = scaledLimbs(D * point.x * point.y);
  return Buffer.concat([k, m, p].map((limbs) => floatBytes(limbs)));
}

function floatBytes(limbs: Float32Array): Buffer {
  const out = Buffer.alloc(4 * limbs.length);
  limbs.forEach((limb, i) => out.writeFloatLE(limb, 4 * i));
  return out;
}

/** Row l, column j: limb l, of either sign, of 2^(16 j) / 2 mod L. */
function matrixBytes(): Buffer {
  const out = Buffer.alloc(1536);
  for (let j = 0; j < 48; j++) {
    let rest = modulo(2n ** BigInt(16 * j) * inverseOf(2n, L), L);
    if (rest > L / 2n) rest -= L;
    for (let l = 0; l < 8; l++) {
      const digit = l < 7 ? BigInt.asIntN(32, rest) : rest;
      out.writeInt32LE(Number(digit), 192 * l + 4 * j);
      rest = (rest - digit) >> 32n;
    }
  }
  return out;
}

function combBytes(point: Affine, shape: Shape): Buffer {
  const parts: Buffer[] = [];
  for (let comb = 0; comb < shape.combs; comb++) {
    const first = doubleOften(point, comb * shape.teeth * shape.spacing);
    parts.push(...combEntries(first, shape).map(entryBytes));
  }
  return Buffer.concat(parts);
}

function ofLength(bytes: Buffer, length: number): Buffer {
  if (bytes.length !== length) throw new Error(`a comb table of ${bytes.length} bytes, expected ${length}`);
  return bytes;
}

/** `ts.table`: for multiples of the base point, and the programs that add them up. */
export function baseTable(): Buffer {
  const numbers = Buffer.concat([combBytes(BASE, LARGE_COMB), matrixBytes(), floatBytes(scaledLimbs(D))]);
  return ofLength(Buffer.concat([ofLength(numbers, SOURCE_AT), Buffer.from(PROGRAMS_TEXT, 'latin1')]), TABLE_BYTES);
}

function power(value: bigint, exponent: bigint): bigint {
  let out = 1n;
  for (let base = value, rest = exponent; rest > 0n; rest >>= 1n, base = (base * base) % P) if (rest & 1n) out = (out * base) % P;
  return out;
}

/** RFC 8032, section 5.1.3; the key must be a point of the curve, canonically written. */
function decodePoint(bytes: Uint8Array): Affine {
  const value = BigInt('0x' + Buffer.from(bytes).reverse().toString('hex'));
  const y = value & (2n ** 255n - 1n);
  const u = modulo(y * y - 1n, P);
  const v = modulo(D * y * y + 1n, P);
  let x = modulo(u * inverseOf(v, P), P);
  x = power(x, (P + 3n) / 8n);
  if (modulo(v * x * x - u, P) !== 0n) x = modulo(x * power(2n, (P - 1n) / 4n), P);
  if (bytes.length !== 32 || y >= P || modulo(v * x * x - u, P) !== 0n)
    throw new Error('expected an Ed25519 public key of 32 bytes, got ' + Buffer.from(bytes).toString('hex'));
  return (x & 1n) === value >> 255n ? { x, y } : { x: modulo(-x, P), y };
}

/** For verification: the comb of -A, 1.1 KB. */
export function keyEntries(publicKey: Uint8Array): Buffer {
  return ofLength(combBytes(negate(decodePoint(publicKey)), SMALL_COMB), 8 * ENTRY_BYTES);
}

/** `ts.hub`: the hub's public key and its entries. */
export function hubKeyFile(publicKey: Uint8Array): Buffer {
  return Buffer.concat([publicKey, keyEntries(publicKey)]);
}

export function tableHash(table: Uint8Array): string {
  return createHash('sha256').update(table).digest('hex');
}
