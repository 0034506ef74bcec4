// The gate: what esbuild lets pass and Espruino would only stumble over when it runs. In: JavaScript. Out: one finding for each breach, with its
// line; nothing for code that the board can run. The list is the interpreter's own behaviour, each point tried on it.

import type { Program } from 'acorn';
import { parse } from 'acorn';
import { libraryFault } from './gate-members.ts';
import { orderFaults } from './gate-order.ts';
import { regexFault } from './gate-regex.ts';
import { scopeFaults } from './gate-scope.ts';
import { syntaxFault } from './gate-syntax.ts';
import type { Finding } from './refused.ts';
import { declaredBy, isFunction, walk } from './tree.ts';

export interface GateOptions {
  readonly file: string;
  /** In minified code a short property may be called like a method that is missing; the readable code has been judged before. */
  readonly library: boolean;
}

function positionAt(code: string, at: number): { readonly line: number; readonly column: number } {
  const before = code.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') - 1 };
}

function declaredNames(program: Program): Set<string> {
  const names = new Set<string>();
  walk(program, (node) => {
    for (const name of declaredBy(node)) names.add(name);
    if (isFunction(node)) for (const one of node.params) if (one.type === 'Identifier') names.add(one.name);
  });
  return names;
}

/** `code` with its lines; positions in the answers are its own. */
export function gate(code: string, options: GateOptions): Finding[] {
  const findings: Finding[] = [];
  const report = (at: number, fault: string | undefined): void => {
    if (fault === undefined) return;
    findings.push({ file: options.file, ...positionAt(code, at), sentence: 'Espruino cannot run ' + fault });
  };
  // eslint-disable-next-line no-control-regex -- everything outside ASCII is what is looked for
  const foreign = code.search(/[^\x00-\x7f]/);
  if (foreign >= 0) report(foreign, 'a character outside ASCII; write it as \\xNN');
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'script', allowReturnOutsideFunction: false });
  const declared = declaredNames(program);
  walk(program, (node, ancestors) => {
    const parent = ancestors[ancestors.length - 1];
    report(node.start, syntaxFault(node, ancestors, code));
    report(node.start, regexFault(node, code));
    if (options.library) report(node.start, libraryFault(node, parent, declared));
  });
  for (const fault of [...scopeFaults(program), ...orderFaults(program)]) report(fault.node.start, fault.sentence);
  return findings;
}
