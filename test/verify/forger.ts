// Signatures to quarrel about: good ones, near misses, and those on which verifiers are known to differ. In: a random stream. Out: a key, a message, a signature and what kind of case it is. The forger
// knows the keys' scalars, so it can make what only a key's holder can. It must not say what is right: that is OpenSSL's to say.

import { createHash } from 'node:crypto';
import { Point } from '@noble/ed25519';
import type { Bytes } from '../../shared/bytes.ts';
import { bytesOf } from '../../hub/blob.ts';
import type { Random } from '../../simulator/random.ts';
import { seededRandom } from '../../simulator/random.ts';
import { challengeOf, ORDER, scalarBytes } from '../wire/strict-ed25519.ts';

export interface Forgery {
  readonly kind: Kind;
  readonly publicKey: Bytes;
  readonly message: Bytes;
  readonly signature: Bytes;
}

interface Key {
  readonly scalar: bigint;
  readonly encoded: Uint8Array;
}

interface Made {
  readonly key: Key;
  readonly message: Buffer;
  readonly r: Uint8Array;
  readonly s: Uint8Array;
}

const KEYS = 24;
const NONCES = 64;
const TORSION = 8;
const FIELD = 2n ** 255n - 19n;
const ORDER_8 = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');

/** Multiples of a point of order 8. */
const SMALL_POINTS = Array.from({ length: TORSION }, (_, i) => times(ORDER_8, i));
const NONCE_SCALARS = Array.from({ length: NONCES }, (_, i) => scalarNamed(`nonce ${i}`));
/** Each nonce's point with each point of small order added. */
const NONCE_POINTS = NONCE_SCALARS.map((scalar) => SMALL_POINTS.map((small) => Point.BASE.multiply(scalar).add(small).toBytes()));
const KEY_SCALARS = Array.from({ length: KEYS }, (_, i) => scalarNamed(`key ${i}`));
const GOOD_KEYS: readonly Key[] = KEY_SCALARS.map((scalar) => ({ scalar, encoded: Point.BASE.multiply(scalar).toBytes() }));
const MIXED_KEYS: readonly Key[] = KEY_SCALARS.map((scalar, i) => ({
  scalar,
  encoded: Point.BASE.multiply(scalar)
    .add(SMALL_POINTS[1 + (i % (TORSION - 1))] as Point)
    .toBytes(),
}));
/** Of small order, in each of their encodings, the ones above the field's order and those of x = 0 with a sign among them. */
const SMALL_ENCODINGS: readonly Uint8Array[] = [0n, 1n, FIELD - 1n, FIELD, FIELD + 1n]
  .map((y) => scalarBytes(y))
  .concat(SMALL_POINTS.map((point) => Buffer.from(point.toBytes())))
  .flatMap((encoded) => [encoded, withSign(encoded)]);
/** The 19 encodings that are not canonical, with and without a sign. */
const ABOVE_FIELD: readonly Uint8Array[] = Array.from({ length: 19 }, (_, i) => scalarBytes(FIELD + BigInt(i))).flatMap(
  (encoded) => [encoded, withSign(encoded)],
);
const BORDER_SCALARS: readonly bigint[] = [
  0n,
  1n,
  ORDER - 1n,
  ORDER,
  ORDER + 1n,
  2n ** 252n,
  2n ** 253n,
  2n ** 255n,
  2n ** 256n - 1n,
];

function scalarNamed(name: string): bigint {
  return BigInt(`0x${createHash('sha512').update(name).digest('hex')}`) % ORDER;
}

/** noble refuses to multiply by zero. */
function times(point: Point, scalar: number): Point {
  return scalar === 0 ? Point.ZERO : point.multiply(BigInt(scalar), false);
}

function withSign(encoded: Uint8Array): Buffer {
  const signed = Buffer.from(encoded);
  signed.writeUInt8(signed.readUInt8(31) ^ 0x80, 31);
  return signed;
}

function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(0, list.length - 1)] as T;
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.integer(0, 255)));
}

function flipped(random: Random, bytes: Uint8Array): Buffer {
  const changed = Buffer.from(bytes);
  const bit = random.integer(0, 8 * changed.length - 1);
  changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return changed;
}

/** S = nonce + k * scalar: what the holder of the key computes, for whatever R is shown. */
function madeWith(key: Key, message: Buffer, r: Uint8Array, nonce: bigint): Made {
  const k = challengeOf(r, key.encoded, message);
  return { key, message, r, s: scalarBytes((nonce + k * key.scalar) % ORDER) };
}

function signed(random: Random, key: Key, small = 0): Made {
  const nonce = random.integer(0, NONCES - 1);
  const r = NONCE_POINTS[nonce]?.[small] as Uint8Array;
  return madeWith(key, randomBytes(random, random.integer(1, 120)), r, NONCE_SCALARS[nonce] as bigint);
}

/** Under a key with a part of small order: the R that such a signature has, if one of eight tries finds it. */
function signedMixed(random: Random, key: Key, keySmall: number, r: readonly Uint8Array[], nonce: bigint): Made {
  const message = randomBytes(random, 60);
  for (let small = 0; small < TORSION; small++) {
    const k = challengeOf(r[small] as Uint8Array, key.encoded, message);
    if ((small + Number(k % 8n) * keySmall) % TORSION === 0) return madeWith(key, message, r[small] as Uint8Array, nonce);
  }
  return madeWith(key, message, r[0] as Uint8Array, nonce);
}

const SMALL_CANONICAL: readonly Uint8Array[] = SMALL_POINTS.map((point) => point.toBytes());

const good = (random: Random): Made => signed(random, oneOf(random, GOOD_KEYS));

const MAKERS = {
  good,
  'a bit of R or S': (random) => {
    const made = good(random);
    return random.next() < 0.5 ? { ...made, r: flipped(random, made.r) } : { ...made, s: flipped(random, made.s) };
  },
  'a bit of the message': (random) => {
    const made = good(random);
    return { ...made, message: flipped(random, made.message) };
  },
  'another key': (random) => ({ ...good(random), key: oneOf(random, GOOD_KEYS) }),
  'S + n L': (random) => {
    const made = good(random);
    const s = BigInt(`0x${Buffer.from(made.s).reverse().toString('hex')}`) + BigInt(random.integer(1, 14)) * ORDER;
    return { ...made, s: scalarBytes(s) };
  },
  'S + 1 or - 1': (random) => {
    const made = good(random);
    const s = BigInt(`0x${Buffer.from(made.s).reverse().toString('hex')}`) + (random.next() < 0.5 ? 1n : ORDER - 1n);
    return { ...made, s: scalarBytes(s % ORDER) };
  },
  'S at a border': (random) => ({ ...good(random), s: scalarBytes(oneOf(random, BORDER_SCALARS)) }),
  'R with a part of small order': (random) => signed(random, oneOf(random, GOOD_KEYS), random.integer(1, TORSION - 1)),
  'R of small order': (random) => madeWith(oneOf(random, GOOD_KEYS), randomBytes(random, 60), oneOf(random, SMALL_ENCODINGS), 0n),
  'R the identity': (random) =>
    madeWith(oneOf(random, GOOD_KEYS), randomBytes(random, 60), SMALL_POINTS[0]?.toBytes() as Uint8Array, 0n),
  'R not canonical': (random) => madeWith(oneOf(random, GOOD_KEYS), randomBytes(random, 60), oneOf(random, ABOVE_FIELD), 0n),
  'key of mixed order': (random) => {
    const [key, nonce] = [random.integer(0, KEYS - 1), random.integer(0, NONCES - 1)];
    const small = 1 + (key % (TORSION - 1));
    return signedMixed(
      random,
      MIXED_KEYS[key] as Key,
      small,
      NONCE_POINTS[nonce] as Uint8Array[],
      NONCE_SCALARS[nonce] as bigint,
    );
  },
  'key of mixed order, R of small order': (random) => {
    const key = random.integer(0, KEYS - 1);
    return signedMixed(random, MIXED_KEYS[key] as Key, 1 + (key % (TORSION - 1)), SMALL_CANONICAL, 0n);
  },
  'key of small order': (random) => {
    const [small, nonce] = [random.integer(0, TORSION - 1), random.integer(0, NONCES - 1)];
    const key = { scalar: 0n, encoded: SMALL_CANONICAL[small] as Uint8Array };
    return signedMixed(random, key, small, NONCE_POINTS[nonce] as Uint8Array[], NONCE_SCALARS[nonce] as bigint);
  },
  'key of small order, any encoding': (random) => signed(random, { scalar: 0n, encoded: oneOf(random, SMALL_ENCODINGS) }),
  'key not canonical': (random) => signed(random, { scalar: 0n, encoded: oneOf(random, ABOVE_FIELD) }),
  'key of any bytes': (random) => signed(random, { scalar: 0n, encoded: randomBytes(random, 32) }),
  'wrong length': (random) => ({ ...good(random), s: randomBytes(random, oneOf(random, [0, 1, 31, 33, 64])) }),
  'any bytes': (random) => ({ ...good(random), r: randomBytes(random, 32), s: randomBytes(random, 32) }),
} as const satisfies Record<string, (random: Random) => Made>;

export type Kind = keyof typeof MAKERS;
export const KINDS = Object.keys(MAKERS) as Kind[];

/** A good one in four; else each kind as often as another. */
const GOOD_EVERY = 4;

export function forgeryOf(seed: number, index: number): Forgery {
  const random = seededRandom(seed, `signature ${index}`);
  const kind: Kind = index % GOOD_EVERY === 0 ? 'good' : oneOf(random, KINDS);
  const { key, message, r, s } = MAKERS[kind](random);
  return {
    kind,
    publicKey: bytesOf(key.encoded),
    message: bytesOf(message),
    signature: bytesOf(r) + bytesOf(s),
  };
}
