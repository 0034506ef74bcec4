// The signature's programs as text: what ed25519programs.ts names, with every limb spelled out, because unrolled code runs twice as fast as loops on the
// interpreter. In: nothing. Out: a source that lies in flash behind the table, where it takes no memory while it runs. It must never put anything but its own
// constants into it.

import { LIMBS } from '../ed25519field.ts';

/** The names of what rounds each limb. */
const ROUNDERS = 'ABDEHIJKLNOQ';
const HIGH = '+O-O';
const TOP = '+Q-Q';

/** The text for each limb below the top two, one after the other: `@` is its convolution's offset, `&` what rounds it, `%` its place from the end of 12, `#` its place in a wheel. */
function limbsText(text: string): string {
  const parts: string[] = [];
  for (let k = 1; k < LIMBS - 1; k++)
    parts.push(
      text
        .replaceAll('@', `${k}`)
        .replaceAll('&', ROUNDERS.charAt(k - 1))
        .replace('%', `${12 - k}`)
        .replace('#', `${11 + k}`),
    );
  return parts.join('');
}

/** The lower half of a wheel, from the upper one. */
function lowerHalfText(wheel: string): string {
  return `${wheel}.set(X(${wheel}.subarray(12),V));`;
}

/** The product into a wheel. The top two limbs are split first, because what is over at the top returns at the bottom. */
function productText(product: string, wheel: string): string {
  return (
    `z=${product}11);z-=r=z${HIGH};t=r+${product}12);t-=r=t${TOP};r*=s;` +
    limbsText(`${wheel}[#]=(w=r+${product}@))-(r=w+&-&);`) +
    `${wheel}[22]=(w=r+z)-(r=w${HIGH});${wheel}[23]=t+r;` +
    lowerHalfText(wheel)
  );
}

/** x - y into a wheel; the limbs of x + y into an array, the highest first, or into the second half of a wheel, where `sum` ends in `23-`. */
function pairText(x: string, y: string, wheel: string, sum: string): string {
  return (
    `z=(x=${x}11))-(y=${y}11));Z=x+y;z-=r=z${HIGH};Z-=q=Z${HIGH};t=r+(x=${x}12))-(y=${y}12));U=q+x+y;t-=r=t${TOP};U-=q=U${TOP};r*=s;q*=s;` +
    limbsText(`${sum}%]=(w=q+(x=${x}@))+(y=${y}@)))-(q=w+&-&);${wheel}[#]=(w=r+x-y)-(r=w+&-&);`) +
    `${sum}1]=(w=q+Z)-(q=w${HIGH});${wheel}[22]=(w=r+z)-(r=w${HIGH});${sum}0]=U+q;${wheel}[23]=t+r;` +
    lowerHalfText(wheel)
  );
}

// C is the convolution, A B D E H I J K L N O Q what rounds limb 0 .., s 19 / 2^255, X and V scale by s. What is looked up most stands first, because the interpreter searches names one after
// the other: so scratch numbers are parameters.
const SCRATCH = 'w,r,q,x,y';
const MORE_SCRATCH = '{var z,t,Z,U;';

export const PROGRAMS_TEXT =
  'return[' +
  [
    `function(${SCRATCH},F,G,k,T,f,g,S,R)${MORE_SCRATCH}${pairText('S*C(F,G,', 'R*C(k,T,', 'g', 'f[')}}`,
    `function(${SCRATCH},F,G,f,g,M,P)${MORE_SCRATCH}${pairText('C(F,g,', 'C(f,G,', 'M', 'P[23-')}${lowerHalfText('P')}}`,
    `function(w,r,F,G,T){var z,t;${productText('C(F,G,', 'T')}}`,
  ].join() +
  ']';
