// Functions that are made on demand: the program and its functions, read as the interpreter reads tokens, do what the script did; and nothing but functions has moved.

import { createContext, runInContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { CODE_NAME, MAKER_NAME, onDemand, withMarks } from '../../device/build/on-demand.ts';
import { withSaidOften } from '../../device/build/said-often.ts';
import { TOKENS } from '../../device/build/tokens.ts';

const WORDS = new Map([...TOKENS].map(([word, token]) => [token, word]));

/** The text from a place to the zero byte that ends it; raw strings and numbers may hold zeros. */
function textAt(code: string, place: number): string {
  let text = '';
  for (let at = place; code.charCodeAt(at) !== 0; at++) {
    const token = code.charCodeAt(at);
    if (token === 0xd1) {
      const length = code.charCodeAt(++at);
      text += JSON.stringify(code.substr(at + 1, length));
      at += length;
    } else if (token === 0xd5) {
      text += String(code.charCodeAt(at + 1) + 256 * code.charCodeAt(at + 2));
      at += 2;
    } else text += WORDS.has(token) ? ` ${WORDS.get(token)} ` : code.charAt(at);
  }
  return text;
}

/** Places begin at 1,000: the program is never shorter than that. */
const LONG = `const long="${'x'.repeat(250)}"+"${'x'.repeat(250)}"+"${'x'.repeat(250)}"+"${'x'.repeat(250)}";`;

function codeOf(script: string, without: readonly string[]): string {
  const marked = withMarks(`(()=>{${LONG}${script}})();`, { from: ['start'], without }).code;
  return onDemand(marked.slice('(()=>{'.length, -'})();'.length));
}

/** What the script leaves in `out`, read from the places that it asks for. */
function outcomeOf(code: string): { readonly out: unknown; readonly asked: number } {
  let asked = 0;
  const context = createContext({
    [CODE_NAME]: {
      substr(place: number, length: number) {
        asked++;
        return textAt(`${code.substr(place, length)}\0`, 0);
      },
    },
  });
  runInContext(textAt(code, 0), context);
  return { out: context['out'] as unknown, asked };
}

describe('a script and its functions on demand', () => {
  test.each([
    ['a call', 'const far=(a,b)=>a+b,start=()=>far(1,2);out=start();', ['far'], 3, 1],
    ['a call in a call', 'const far=a=>a+1,further=a=>far(far(a)),start=()=>further(1);out=start();', ['far', 'further'], 3, 3],
    ['itself', 'const far=n=>n>0?n+far(n-1):0,start=()=>far(3);out=start();', ['far'], 6, 4],
    [
      'one that names another below it',
      'const far=()=>further(),further=()=>4,start=()=>far();out=start();',
      ['far', 'further'],
      4,
      2,
    ],
    ['a value', 'const far=a=>2*a,start=()=>[1,2].map(far).join();out=start();', ['far'], '2,4', 1],
    ['what outlives the call', 'const far=a=>()=>++a,start=()=>{let f=far(1);f();return f()};out=start();', ['far'], 3, 1],
    ['what lies between others', 'const a=1,far=()=>a+b,b=2,start=()=>far();out=start();', ['far'], 3, 1],
    ['a parameter of its name', 'const far=()=>1,start=far=>far();out=start(()=>5);', ['far'], 5, 0],
    ['a name in a block', 'const far=()=>1,start=()=>{{let far=()=>6;return far()}};out=start();', ['far'], 6, 0],
    ['a property of its name', 'const far=()=>1,start=()=>({far:7}).far;out=start();', ['far'], 7, 0],
    ['a name in a loop', 'const far=()=>1,start=()=>{for(let far of[8])return far};out=start();', ['far'], 8, 0],
    ['a caught error of its name', 'const far=()=>1,start=()=>{try{throw 9}catch(far){return far}};out=start();', ['far'], 9, 0],
  ])('%s', (_name, script, without, out, asked) => {
    expect(outcomeOf(codeOf(script, without))).toEqual({ out, asked });
  });

  test('what the program changes stays, and what nothing resident leads to moves', () => {
    const code = codeOf('let n=0;const start=()=>{n++},rare=()=>{n=n+10};start();start();rare();out=n;', []);
    expect(outcomeOf(code)).toEqual({ out: 12, asked: 1 });
    expect(textAt(code, 0)).toContain('start=');
    expect(textAt(code, 0)).not.toContain('n+10');
  });

  test('a program that no place fits is refused', () => {
    const far = `const far=()=>"${'y'.repeat(40_000)}",start=()=>far();`;
    expect(() => codeOf(far, ['far'])).toThrow('expected functions on demand at places in 1000..32767');
    expect(() => onDemand(`const Z$1000=()=>1;out=Z$1000();`)).toThrow('got ');
    expect(MAKER_NAME).toBe('Z');
  });
});

describe('what is said often', () => {
  const far = `far=(a,b)=>(a+b)${'.substring(1)+(b+a)'.repeat(12)}`;
  const near = 'start=a=>a.substring(1)';
  const script = `const ${near},${far};out=far("abc","de")+start("xyz");`;

  test('is said once, in what is not resident only, and means the same', () => {
    const { code, marks } = withMarks(`(()=>{${script}})();`, { from: ['start'], without: [] });
    const said = withSaidOften(code, marks);
    expect(said.match(/substring/g)).toHaveLength(2); // where it is said, and in what is resident
    const outcome = (text: string): unknown => {
      const context = createContext({});
      runInContext(text, context);
      return context['out'];
    };
    expect(outcome(said)).toBe(outcome(script));
  });
});
