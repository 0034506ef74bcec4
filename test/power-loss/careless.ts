// A database that is careless with commits, loaded before the hub with `node --import`: `synchronous=NORMAL`, whatever the hub asks for, and FULL whenever it looks. It is
// the negative control of the power-loss harness, which must find what it loses.

import Database from 'better-sqlite3';

type Pragma = (this: unknown, text: string, options?: { readonly simple?: boolean }) => unknown;

const { pragma } = Database.prototype as unknown as { pragma: Pragma };

Object.assign(Database.prototype, {
  pragma(this: unknown, text: string, options?: { readonly simple?: boolean }): unknown {
    if (/^synchronous *= *full$/i.test(text)) return pragma.call(this, 'synchronous = NORMAL', options);
    if (text === 'synchronous' && options?.simple === true) return 2;
    return pragma.call(this, text, options);
  },
});
