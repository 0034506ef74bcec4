// The gate, rule by rule: each with code that it refuses and the nearest code that it lets pass. The refused ones are what esbuild lets through.

import { describe, expect, test } from 'vitest';
import { gate } from '../../device/build/gate.ts';

const judge = (code: string): string[] => gate(code, { file: 'f', library: true }).map((one) => one.sentence);

/** Rule, what the sentence says, refused, passed. */
const RULES: ReadonlyArray<readonly [string, RegExp, string, string]> = [
  ['labels', /label/, 'out: for (;;) { break out; }', 'for (;;) { break; }'],
  [
    'default before a case',
    /`default` before/,
    'switch (a) { default: b(); break; case 1: c(); }',
    'switch (a) { case 1: c(); break; default: b(); }',
  ],
  [
    'declaration in a case',
    /directly in a `case`/,
    'switch (a) { case 1: let x = 1; b(x); }',
    'switch (a) { case 1: { let x = 1; b(x); } }',
  ],
  [
    'throw in finally',
    /`throw` inside `finally`/,
    'try { a(); } finally { throw b; }',
    'try { a(); } catch (e) { throw e; } finally { b(); }',
  ],
  ['throw in a function in finally', /never/, '', 'try { a(); } finally { b(function () { throw c; }); }'],
  [
    'closure over let in for',
    /loop variable i/,
    'for (let i = 0; i < 3; i++) a(function () { b(i); });',
    'for (let i = 0; i < 3; i++) { let j = i; a(function () { b(j); }); }',
  ],
  ['closure over for-of', /loop variable x/, 'for (const x of y) a(() => x);', 'for (const x of y) a(x);'],
  ['closure over for-in', /loop variable k/, 'for (const k in y) a(() => k);', 'for (const k in y) a(() => y.k);'],
  ['call before declaration', /f before the statement/, 'f(); function f() {}', 'function f() {} f();'],
  [
    'call through another function',
    /g before the statement/,
    'function f() { g(); } f(); function g() {}',
    'function f() { g(); } function g() {} f();',
  ],
  [
    'variable before its statement',
    /v before the statement/,
    'function f() { return v; } f(); var v = 1;',
    'var v = 1; function f() { return v; } f();',
  ],
  [
    'order within a function',
    /h before the statement/,
    'function f() { h(); function h() {} }',
    'function f() { function h() {} h(); }',
  ],
  [
    'order in a wrapper',
    /f before the statement/,
    '(function () { f(); function f() {} })();',
    '(function () { function f() {} f(); })();',
  ],
  ['a callback may come later', /never/, '', 'a(function () { f(); }); function f() {}'],
  ['a hidden name is another', /never/, '', 'function f(g) { g(); } f(a); function g() {}'],
  ['var of a branch', /x outside the block/, 'if (a) { var x = 1; } b(x);', 'var x; if (a) { x = 1; } b(x);'],
  ['var of two branches', /never/, '', 'if (a) { var x = 1; b(x); } else { var x = 2; c(x); }'],
  ['classes', /class/, 'class A {}', 'var A = {};'],
  ['super', /super/, 'var a = { f() { return super.f(); } };', 'var a = { f() { return b.f(); } };'],
  ['tagged template', /tagged template/, 'a`b`;', 'a(`b`);'],
  ['spread', /spread/, 'a(...b);', 'a(b);'],
  ['rest', /rest/, 'function f(...a) { b(a); }', 'function f(a) { b(a); }'],
  ['default parameter', /default value/, 'function f(a = 1) { b(a); }', 'function f(a) { b(a); }'],
  ['object pattern', /destructuring/, 'var { a } = b;', 'var a = b.a;'],
  ['array pattern', /destructuring/, 'var [a] = b;', 'var a = b[0];'],
  ['async', /async/, 'async function f() {}', 'function f() {}'],
  ['await', /await/, 'async function f() { await a; }', 'function f() { a(); }'],
  ['generator', /generator/, 'function* f() {}', 'function f() {}'],
  [
    'for await',
    /for await/,
    'async function f() { for await (const a of b) c(a); }',
    'function f() { for (const a of b) c(a); }',
  ],
  ['optional chain', /`\?\.`/, 'a?.b;', 'a && a.b;'],
  ['nullish coalescing stays', /never/, '', 'a ?? b;'],
  ['power', /\*\*/, 'a ** 2;', 'Math.pow(a, 2);'],
  ['logical assignment', /\?\?=/, 'a ??= b;', 'a = a ?? b;'],
  ['computed key', /computed key/, 'var a = { [b]: 1 };', 'var a = {}; a[b] = 1;'],
  ['BigInt literal', /BigInt/, 'a(1n);', 'a(1);'],
  ['huge literal', /2\^63/, 'a(9223372036854775808);', 'a(-0, 9007199254740991);'],
  ['with', /`with`/, 'with (a) b();', 'a.b();'],
  ['new.target', /meta property/, 'function F() { return new.target; }', 'function F() { return this; }'],
  ['dynamic import', /dynamic import/, 'import("a");', 'require("a");'],
  ['length assignment', /`length`/, 'a.length = 0;', 'a.splice(0);'],
  ['length update', /`length`/, 'a.length--;', 'b.lengths--;'],
  [
    'return and a line break',
    /line break after `return`/,
    'function f() {\n  return\n  a();\n}',
    'function f() {\n  return;\n  a();\n}',
  ],
  ['arguments in an arrow', /arguments/, 'var f = () => arguments[0];', 'var f = function () { return arguments[0]; };'],
  ['of as a name', /`of`/, 'var of = 1;', 'var a = { of: 1 };'],
  ['of as a parameter', /`of`/, 'function f(of) {}', 'function f(a) {}'],
  ['long name', /of which only 64 count/, `var ${'n'.repeat(65)} = 1;`, `var ${'n'.repeat(64)} = 1;`],
  ['non-ASCII', /ASCII/, 'a("\u00e9");', 'a("\\xe9");'],
  ['absent static', /Math\.imul/, 'Math.imul(a, b);', 'Math.floor(a);'],
  ['absent static', /Object\.freeze/, 'Object.freeze(a);', 'Object.keys(a);'],
  ['absent static', /Array\.from/, 'Array.from(a);', 'Array.isArray(a);'],
  ['absent static by text', /Math\.trunc/, 'Math["trunc"](a);', 'Math["floor"](a);'],
  ['prototype of a built-in', /Array\.prototype/, 'Array.prototype.slice.call(a);', '[].slice.call(a);'],
  ['absent method', /flat\(\)/, 'a.flat();', 'a.concat(b);'],
  ['absent method', /codePointAt\(\)/, 'a.codePointAt(0);', 'a.charCodeAt(0);'],
  ['absent method', /at\(\)/, 'a.at(-1);', 'a.at + 1;'],
  ['absent global', /Map/, 'new Map();', 'var Map = a; Map();'],
  ['absent global', /Symbol/, 'Symbol("a");', 'a.Symbol();'],
  ['ignored argument of split', /split/, 'a.split(",", 2);', 'a.split(",");'],
  ['ignored argument of JSON', /JSON\.parse/, 'JSON.parse(a, b);', 'JSON.parse(a);'],
  ['regex quantifier', /"\?" or "\{"/, 'var r = /ab?c/;', 'var r = /ab*c/;'],
  ['regex count', /"\?" or "\{"/, 'var r = /a{2}/;', 'var r = /aa/;'],
  ['regex escaped', /never/, '', 'var r = /a\\?b[?{]/;'],
  ['regex look-ahead', /"\?" or "\{"/, 'var r = /a(?=b)/;', 'var r = /a(b)/;'],
  ['regex boundary', /boundary/, 'var r = /\\ba/;', 'var r = /^a$/;'],
  ['regex back reference', /back reference/, 'var r = /(a)\\1/;', 'var r = /(a)a/;'],
  ['regex flag', /flag/, 'var r = /a/m;', 'var r = /a/gi;'],
  ['regex slash in a class', /inside a class/, 'var r = /[a/]/;', 'var r = /[a]\\//;'],
  ['regex after )', /right after "\)"/, 'if (a) /b/.test(c);', 'if (a) { /b/.test(c); }'],
];

describe('the gate', () => {
  test.each(RULES.filter(([, , refused]) => refused !== ''))('refuses: %s', (_rule, sentence, refused) => {
    const sentences = judge(refused);
    expect(sentences).not.toEqual([]);
    for (const one of sentences) expect(one).toMatch(/^Espruino cannot run /);
    expect(sentences.join('\n')).toMatch(sentence);
  });

  test.each(RULES)('lets pass: %s', (_rule, _sentence, _refused, passed) => {
    expect(judge(passed)).toEqual([]);
  });

  test('says where', () => {
    expect(gate('a();\n  b.flat();', { file: 'f.js', library: true })).toMatchObject([{ file: 'f.js', line: 2, column: 2 }]);
  });

  test('of minified code the library rules are left out, the others hold', () => {
    expect(gate('a.at(b);', { file: 'f', library: false })).toEqual([]);
    expect(gate('var of=1', { file: 'f', library: false })).toHaveLength(1);
  });
});
