// The fast point engine. In: nothing but the native operations; at boot it writes the source of one addition and of one product, every limb spelled
// out, and has it compiled: unrolled code runs twice as fast as loops on the interpreter, and made here it needs 4 KB less flash. Out: growing
// points. It must never put anything but its own constants into that source.

import type { Limbs, Native, Wheel } from './ed25519native.ts';
import type { GrowingPoint, PointEngine } from './ed25519point.ts';
import { FOLD, LIMBS, ONE, ROUNDERS, ZERO, limbsOf, powerOfTwo, wheelOf } from './ed25519field.ts';

type Compiled<Result> = (...numbers: unknown[]) => Result;

// The names in the source: C convolve, s FOLD, w r q x y scratch, a0.. b0.. limbs, A B D .. R the rounders. What is looked up most stands first
// among the parameters, because the interpreter searches names one after the other.
const ROUNDER_NAMES = 'ABDEHIJLNOQR';

/** `v` rounded to what limb k keeps; the rest stays in the register `over` for limb k + 1. */
function carryText(over: string, v: string, k: number): string {
  const rounder = ROUNDER_NAMES.charAt(k);
  return '(w=' + over + v + ')-(' + over + '=w+' + rounder + '-' + rounder + ')';
}

/** Splits the top limb before all others, because what is over returns at the bottom. */
function splitText(limb: string, over: string): string {
  return limb + '-=' + over + '=' + limb + '+R-R;' + over + '*=s;';
}

function wheelText(name: string): string {
  let plain = '';
  let folded = '';
  for (let i = LIMBS - 1; i >= 0; i--) {
    plain = plain + name + i + ',';
    folded = folded + ',s*' + name + i;
  }
  return '[' + plain + folded.substring(1) + ']';
}

/** A text of a product for limb k: `@` stands for the offset. */
function limbText(product: string, k: number): string {
  return product.replace('@', String(11 - k));
}

/** The code for the limbs a0 .. a11 of one product. */
function singleText(product: string): string {
  let text = 'a11=' + limbText(product, 11) + ';' + splitText('a11', 'r');
  for (let k = 0; k < LIMBS; k++) {
    text = text + 'a' + k + '=' + carryText('r', k < 11 ? '+' + limbText(product, k) : '+a11', k) + ';';
  }
  return text + 'a0+=s*r;';
}

/**
 * The code for x - y (limbs a0 ..) and x + y (limbs b0 ..), x and y texts of products. One of them, `literal`, may go straight into the array `into`,
 * with a 13th limb for the last carry.
 */
function pairText(x: string, y: string, literal: string, into: string): string {
  function products(k: number): string {
    return 'x=' + limbText(x, k) + ',y=' + limbText(y, k);
  }
  let text = products(11) + ';a11=x-y;b11=x+y;' + splitText('a11', 'r') + splitText('b11', 'q');
  if (literal !== '') text = text + into + '=[';
  for (let k = 0; k < LIMBS; k++) {
    const low = carryText('r', k < 11 ? '+x-y' : '+a11', k);
    const high = carryText('q', k < 11 ? '+x+y' : '+b11', k);
    const given = k < 11 ? products(k) + ',' : '';
    if (literal === 'a') text = text + '(' + given + 'b' + k + '=' + high + ',' + low + '),';
    else if (literal === 'b') text = text + '(' + given + 'a' + k + '=' + low + ',' + high + '),';
    else text = text + given + 'a' + k + '=' + low + ',b' + k + '=' + high + ';';
  }
  if (literal !== '') text = text + (literal === 'a' ? 'r' : 'q') + '];';
  return text + (literal === 'a' ? '' : 'a0+=s*r;') + (literal === 'b' ? '' : 'b0+=s*q;');
}

function functionText(parameters: string, limbs: string, body: string): string {
  let names = '';
  for (let i = 0; i < limbs.length; i++) for (let k = 0; k < LIMBS; k++) names = names + ',' + limbs.charAt(i) + k;
  const rounders = ROUNDER_NAMES.split('').join(',');
  return '(function(w,x,y,r,C,q,s,' + parameters + rounders + '){var ' + names.substring(1) + ';' + body + '})';
}

/** One addition, as in ed25519point.ts; S scales the products with m and p, K that with k. */
function additionText(): string {
  let body = pairText('S*C(p,P,@)', 'S*C(m,M,@)', 'b', 'p') + 'm=' + wheelText('a') + ';'; // p is H, m is E's wheel
  body = body + pairText('C(F,G,@)', 'K*C(k,T,@)', 'a', 'F') + 'G=' + wheelText('b') + ';';
  body = body + pairText('C(p,G,@)', 'C(F,m,@)', '', '') + 'M=' + wheelText('a') + ';P=' + wheelText('b') + ';';
  body = body + 'if(n){' + singleText('C(p,m,@)') + 'T=' + wheelText('a') + '}return[M,P,T,F,G]'; // a doubling needs no T
  return functionText('p,m,S,F,G,k,T,M,P,K,n,', 'ab', body);
}

function productText(): string {
  return functionText('', 'a', singleText('C(x,y,@)') + 'return' + wheelText('a'));
}

function negative(limb: number): number {
  return -limb;
}

function doubled(limb: number): number {
  return limb + limb;
}

export function unrolledEngine(native: Native): PointEngine {
  const compile = eval; // under another name it sees no local names, and the bundler may go on shortening them
  const add = compile(additionText()) as Compiled<number[][]>;
  const product = compile(productText()) as Compiled<number[]>;
  const C = native.convolve;
  const s = FOLD;
  const R = ROUNDERS;
  const UNSCALE = powerOfTwo(128);

  function addition(at: Limbs[], m: Limbs, p: Limbs, k: Limbs, S: number, K: number, more: boolean): number[][] {
    // prettier-ignore
    return add(0, 0, 0, 0, C, 0, s, p, m, S, at[3], at[4], k, at[2], at[0], at[1], K, more,
      R[0], R[1], R[2], R[3], R[4], R[5], R[6], R[7], R[8], R[9], R[10], R[11]);
  }

  function multiply(x: Limbs, wheel: Limbs): number[] {
    return product(0, x, wheel, 0, C, 0, s, R[0], R[1], R[2], R[3], R[4], R[5], R[6], R[7], R[8], R[9], R[10], R[11]);
  }

  /** M, P, T, F, G. A function of its own, so that nothing of it stays in memory. */
  function neutral(lambda: Limbs): number[][] {
    const wheel = wheelOf(lambda);
    return [wheel, wheel, wheelOf(ZERO), limbsOf(wheel) as number[], wheelOf(ONE)];
  }

  function begin(lambda: Limbs): GrowingPoint {
    let at = neutral(lambda);
    return {
      add: function (m: Limbs, p: Limbs, k: Limbs, sign: number, more: boolean): void {
        // -(x, y) = (-x, y) swaps m and p and negates k.
        at = addition(at, sign > 0 ? m : p, sign > 0 ? p : m, k, UNSCALE, sign * UNSCALE, more);
      },
      double: function (): void {
        const wheelZ = multiply(at[3]!, at[4]!);
        const z = limbsOf(wheelZ) as number[];
        const M = at[0]!;
        const p = limbsOf(at[1]!) as number[];
        const k = p.concat(ZERO, z.map(negative)); // [P | 0 | -Z] over [wheel M | wheel Z] is M P - Z^2
        at = addition([M, at[1]!, M.concat(wheelZ), z.map(doubled), wheelZ], limbsOf(M), p, k, 1, 2, true);
      },
      difference: function (): Wheel {
        return at[0]!;
      },
      sum: function (): Wheel {
        return at[1]!;
      },
      z: function (): Wheel {
        return multiply(at[3]!, at[4]!);
      },
    };
  }

  return { multiply: multiply, begin: begin };
}
