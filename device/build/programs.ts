// The fast engine's programs as text: those of ed25519point.ts with every limb spelled out, because unrolled code runs twice as fast as loops on the interpreter. In:
// nothing. Out: sources that lie in flash behind the table, where they take no memory while they run. It must never put anything but its own constants into
// them.

import { LIMBS } from '../ed25519field.ts';

// Names in the source: C convolve, A1 .. what rounds limb 0 .., s 19 / 2^255, X and V scale by s; scratch are w r q x y z t Z U. What is looked up
// most stands first, because the interpreter searches names one after the other.
const NAMES = '(function(w,r,q,C,x,y,z,t,S,p,P,m,M,F,G,f,g,k,T,R,s,X,V,A1,A2,A3,A4,A5,A6,A7,A8,A9,A10,A11,A12){var Z,U;';

/** The text for each limb below the top two, one after the other: `@` is its convolution's offset, `%` its place from the end of 12. */
function limbsText(text: string): string {
  const parts = text.split('@');
  let out = '';
  for (let k = 1; k < LIMBS - 1; k++) out += parts.join('' + k).replace('%', '' + (12 - k));
  return out;
}

/** The last of a number's limbs stand in `x`, the lowest first. */
function wheelText(wheel: string): string {
  return wheel + '.set(x,12);' + wheel + '.set(X(x,V));';
}

/** The product into a wheel. The top two limbs are split first, because what is over at the top returns at the bottom. */
function productText(product: string, wheel: string): string {
  return (
    'z=' +
    product +
    '11);z-=r=z+A11-A11;t=r+' +
    product +
    '12);t-=r=t+A12-A12;r*=s;x=[' +
    limbsText('(w=r+' + product + '@))-(r=w+A@-A@),') +
    ('(w=r+z)-(r=w+A11-A11),t+r];' + wheelText(wheel))
  );
}

/** x - y into a wheel; the limbs of x + y into an array, the highest first, or into the second half of a wheel, where `%` is `23-%`. */
function pairText(x: string, y: string, wheel: string, sum: string): string {
  return (
    'z=(x=' +
    x +
    '11))-(y=' +
    y +
    '11));Z=x+y;z-=r=z+A11-A11;Z-=q=Z+A11-A11;t=r+(x=' +
    x +
    '12))-(y=' +
    y +
    '12));U=q+x+y;t-=r=t+A12-A12;U-=q=U+A12-A12;r*=s;q*=s;x=[' +
    limbsText('(' + sum + '%]=(w=q+(x=' + x + '@))+(y=' + y + '@)))-(q=w+A@-A@),(w=r+x-y)-(r=w+A@-A@)),') +
    ('(' + sum + '1]=(w=q+Z)-(q=w+A11-A11),(w=r+z)-(r=w+A11-A11)),(' + sum + '0]=U+q,t+r)];' + wheelText(wheel))
  );
}

/** An addition's, in their order: g f, then G F and T, then M P. */
export const PROGRAM_TEXTS: readonly string[] = [
  pairText('C(F,G,', 'R*C(k,T,', 'g', 'f['),
  'if(S){' + pairText('S*C(p,P,', 'S*C(m,M,', 'G', 'F[') + '}if(T){' + productText('C(F,G,', 'T') + '}',
  pairText('C(F,g,', 'C(f,G,', 'M', 'P[23-') + 'P.set(X(P.subarray(12),V))',
].map((text) => NAMES + text + '})');
