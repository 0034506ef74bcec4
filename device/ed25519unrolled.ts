// The fast point engine. In: nothing but the native operations; at boot it writes the source of one addition, every limb spelled out, and has it
// compiled: unrolled code runs twice as fast as loops on the interpreter and, made here, needs 4 KB less flash. Out: growing points. It must never
// put anything but its own constants into that source.

import type { Limbs, Native } from './ed25519native.ts';
import type { GrowingPoint, PointEngine } from './ed25519point.ts';
import { FOLD, LIMBS, ONE, ROUNDERS, multiply, powerOfTwo, wheelOf } from './ed25519field.ts';

type Step = (...numbers: unknown[]) => Limbs[];

// The names in the source: C convolve, A B D .. R the rounders, w r q x y scratch, s FOLD, S and K the scales of the products with an entry, a0.. and b0..
// limbs. What is looked up most stands first in the parameter list, because the interpreter searches names one after the other.
const ROUNDER_NAMES = 'ABDEHIJLNOQR';

/** `v` rounded to what limb k keeps; the rest stays in the register `over` for limb k + 1. */
function carryOf(over: string, v: string, k: number): string {
  const rounder = ROUNDER_NAMES.charAt(k);
  return '(w=' + over + v + ')-(' + over + '=w+' + rounder + '-' + rounder + ')';
}

/** The code of one wheel literal. */
function wheelText(name: string): string {
  let plain = '';
  let folded = '';
  for (let i = LIMBS - 1; i >= 0; i--) {
    plain = plain + name + i + ',';
    folded = folded + 's*' + name + i + (i > 0 ? ',' : '');
  }
  return '[' + plain + folded + ']';
}

/**
 * The code for x - y (limbs a0.. or the literal) and x + y (limbs b0.. or the literal), where x and y are texts of products with `@` for the offset.
 * `literal` names the result, if any, that goes straight into the array `into`, with a 13th limb for the last carry.
 */
function pairText(x: string, y: string, literal: string, into: string): string {
  function products(k: number): string {
    return 'x=' + x.replace('@', String(11 - k)) + ',y=' + y.replace('@', String(11 - k));
  }
  let text = products(11) + ';b11=x+y;a11=x-y;a11-=r=a11+R-R;b11-=q=b11+R-R;r*=s;q*=s;';
  if (literal !== '') text = text + into + '=[';
  for (let k = 0; k < LIMBS; k++) {
    let low = carryOf('r', k < 11 ? '+x-y' : '+a11', k);
    let high = carryOf('q', k < 11 ? '+x+y' : '+b11', k);
    if (literal !== 'a') low = 'a' + k + '=' + low;
    if (literal !== 'b') high = 'b' + k + '=' + high;
    const first = literal === 'a' ? high : low;
    const second = literal === 'a' ? low : high;
    const both = (k < 11 ? products(k) + ',' : '') + first + ',' + second;
    text = text + (literal === '' ? both + ';' : '(' + both + '),');
  }
  if (literal !== '') text = text + (literal === 'a' ? 'r' : 'q') + '];';
  return text + (literal === 'a' ? '' : 'a0+=s*r;') + (literal === 'b' ? '' : 'b0+=s*q;');
}

/** The code for the wheel of one product. */
function singleText(x: string): string {
  let text = 'a11=' + x.replace('@', '0') + ';a11-=r=a11+R-R;r*=s;';
  for (let k = 0; k < LIMBS; k++) {
    text = text + 'a' + k + '=' + carryOf('r', k < 11 ? '+' + x.replace('@', String(11 - k)) : '+a11', k) + ';';
  }
  return text + 'a0+=s*r;';
}

function stepText(): string {
  let names = '';
  for (let i = 0; i < LIMBS; i++) names = names + ',a' + i + ',b' + i;
  return (
    'var x,y' + names + ';' +
    pairText('S*C(p,P,@)', 'S*C(m,M,@)', 'b', 'p') + // H
    'm=' + wheelText('a') + ';' + // E
    pairText('C(F,G,@)', 'K*C(k,T,@)', 'a', 'F') +
    'G=' + wheelText('b') + ';' +
    pairText('C(p,G,@)', 'C(F,m,@)', '', '') +
    'M=' + wheelText('a') + ';P=' + wheelText('b') + ';' +
    singleText('C(p,m,@)') +
    'return[M,P,' + wheelText('a') + ',F,G]'
  ); // prettier-ignore
}

function limbsOfWheel(wheel: Limbs): number[] {
  const out = [];
  for (let i = LIMBS - 1; i >= 0; i--) out.push(wheel[i]!);
  return out;
}

export function unrolledEngine(native: Native): PointEngine {
  const a = ROUNDERS;
  const convolve = native.convolve;
  const rounderNames = ROUNDER_NAMES.split('').join(',');
  const compile = eval; // under another name it sees no local names, and the bundler may go on shortening them
  const step = compile('(function(C,w,r,q,s,' + rounderNames + ',m,p,k,M,P,T,F,G,S,K){' + stepText() + '})') as Step;
  const UNSCALE = powerOfTwo(128);
  const ZEROS = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

  function stepOf(m: Limbs, p: Limbs, k: Limbs, M: Limbs, P: Limbs, T: Limbs, F: Limbs, G: Limbs, S: number, K: number): Limbs[] {
    return step(
      convolve, 0, 0, 0, FOLD, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], m, p, k, M, P, T, F, G, S, K,
    ); // prettier-ignore
  }

  function begin(lambda: Limbs): GrowingPoint {
    const wheel = wheelOf(lambda);
    let at: Limbs[] = [wheel, wheel, wheelOf(ZEROS), lambda, wheelOf(ONE)]; // M, P, T, F, G
    return {
      add: function (m: Limbs, p: Limbs, k: Limbs, sign: number): void {
        const first = sign > 0 ? m : p; // -(x, y) = (-x, y) swaps m and p and negates k
        const second = sign > 0 ? p : m;
        at = stepOf(first, second, k, at[0]!, at[1]!, at[2]!, at[3]!, at[4]!, UNSCALE, sign * UNSCALE);
      },
      double: function (): void {
        const M = at[0] as number[];
        const P = at[1] as number[];
        const z = multiply(native, at[3]!, at[4]!);
        const wheelZ = wheelOf(z);
        const m = limbsOfWheel(M);
        const p = limbsOfWheel(P);
        const k = p.concat(ZEROS, z.map((limb) => -limb)); // [P | 0 | -Z] over [wheel M | wheel Z] is M P - Z^2
        at = stepOf(m, p, k, M, P, M.concat(wheelZ), z.map((limb) => 2 * limb), wheelZ, 1, 2); // prettier-ignore
      },
      coordinates: function () {
        const m = limbsOfWheel(at[0]!);
        const p = limbsOfWheel(at[1]!);
        return { x: p.map((limb, i) => limb - m[i]!), y: p.map((limb, i) => limb + m[i]!), z: multiply(native, at[3]!, at[4]!) };
      },
    };
  }

  return { begin: begin };
}
