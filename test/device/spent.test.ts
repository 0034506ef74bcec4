// What the build forgets after the start: only functions that nothing left behind can call.

import { expect, test } from 'vitest';
import { withoutSpent } from '../../device/build/spent.ts';

function spentOf(code: string): string[] {
  const names =
    /"([^"]*)"\.split\(","\)\.forEach\(n=>\{delete global\[n\]\}\);$/.exec(withoutSpent(code))?.[1] ??
    expect.fail('no last statement');
  return names === '' ? [] : names.split(',').sort();
}

test.each([
  ['called at the start only', 'const a=()=>1;a();', ['a']],
  ['called by what is called at the start', 'const a=()=>1,b=()=>a();b();', ['a', 'b']],
  ['called on the spot at the start', 'const a=()=>1;(()=>{a()})();', ['a']],
  ['never called', 'const a=()=>1;', []],
  ['called by a function that the start leaves behind', 'const a=()=>1,b=()=>()=>a();global.c=b();', ['b']],
  ['handed on as a value', 'const a=()=>1;setTimeout(a,1);', []],
  ['kept in an object', 'const a=()=>1,b={a:a};', []],
  ['called by one that is handed on', 'const a=()=>1,b=()=>a();a();setTimeout(b,1);', []],
  ['shadowed where it seems to be kept', 'const a=()=>1,b=()=>a=>a();a();global.c=b();', ['a', 'b']],
  ['shadowed by a block only', 'const a=()=>1,b=()=>()=>{{let a=2}a()};a();global.c=b();', ['b']],
  ['shadowed by a caught error', 'const a=()=>1,b=()=>()=>{try{}catch(a){a()}};a();global.c=b();', ['a', 'b']],
  ['shadowed by a loop', 'const a=()=>1,b=()=>x=>{for(let a of x)a()};a();global.c=b();', ['a', 'b']],
  ['that names itself in what it makes', 'const a=()=>{setTimeout(()=>{a()},1)};a();', []],
  ['that calls itself', 'const a=n=>n>0?a(n-1):0;a(3);', ['a']],
])('a function %s', (_name, code, spent) => {
  expect(spentOf(code)).toEqual(spent);
});
