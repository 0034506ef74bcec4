// The link on the real interpreter where it is not as it should be, and where it is hidden: TLS, a wrong MAC key, a wrong password. The file that a board gets, the real hub.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DeviceConfig } from '../../shared/config.ts';
import { selfSigned } from '../hub/certificate.ts';
import { enrolAt, startHub } from '../hub/fixture.ts';
import type { Interpreter } from './interpreter.ts';
import { createInterpreter, interpreterPath } from './interpreter.ts';
import { standalone } from './standalone.ts';

if (interpreterPath === '')
  console.warn('SKIPPED: TLS and wrong secrets on the real interpreter; set ESPRUINO to the path of an Espruino for Linux');

const METER = { kind: 'timer', everyMs: 500, units: 1 } as const;
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 100_000, interval: 50 });

let board: Interpreter;

beforeEach(() => {
  board = createInterpreter();
});

afterEach(() => board.remove());

async function boot(config: DeviceConfig): Promise<void> {
  board.boot(await standalone(config));
}

async function reasonOf(): Promise<string> {
  board.type("print('WHY'+tallystick.snapshot().why+'END')");
  let reason = '';
  await until(() => {
    const said = [...board.console().matchAll(/WHY([^'+]*?)END/g)].at(-1);
    expect(said).toBeDefined();
    reason = said?.[1] ?? '';
  });
  return reason;
}

/** Whatever is wrong, it is said once, and the board runs on. */
function expectOnce(sentence: string): void {
  expect(board.console().split(sentence)).toHaveLength(2);
  expect(board.console()).not.toMatch(/uncaught|cannot start/);
}

describe.skipIf(interpreterPath === '')('the link on the interpreter', { timeout: 240_000 }, () => {
  test.each([['without a certificate to judge the hub by', false] as const, ['with one', true] as const])(
    'pays through TLS, %s',
    async (_name, judging) => {
      const certificate = selfSigned();
      const hub = await startHub({ tls: { ...certificate, port: 0 } });
      const tls = judging ? certificate.cert.replace(/-----[^-]+-----|\s/g, '') : '';
      await boot(enrolAt(hub, { meter: METER, tls, port: hub.tlsPort ?? 0 }));
      await until(() => expect(hub.status().units.accepted).toBeGreaterThanOrEqual(3));
    },
  );

  test('a wrong MAC key: one line, a reason, and the machine serves on', async () => {
    const hub = await startHub();
    await boot({ ...enrolAt(hub, { meter: METER }), macKey: '77'.repeat(32) });
    const sentence = 'the hub answers with another MAC key; provision the board again';
    await until(() => expect(board.console()).toContain(sentence));
    expect(await reasonOf()).toBe(sentence);
    expectOnce('tallystick: ' + sentence);
    expect(hub.status().balanced).toBe(true);
  });

  test('a wrong password: one line, a reason, and the machine serves on', async () => {
    const hub = await startHub();
    await boot({ ...enrolAt(hub, { meter: METER }), password: 'not-the-password' });
    const sentence = 'the hub refused the connection: user name or password';
    await until(() => expect(board.console()).toContain(sentence));
    await new Promise((resolve) => setTimeout(resolve, 3000)); // it tries again, and does not say so again
    expect(await reasonOf()).toBe(sentence);
    expectOnce('tallystick: offline: ' + sentence);
  });
});
