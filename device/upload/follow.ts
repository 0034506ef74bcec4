// From restart to the first receipt: what the board says of itself, judged until the hub has answered it or it is clear why not. In: a board and what
// it was configured with. Out: the counters at the first receipt, or one reason. Whatever may still mend itself is given the whole time.

import type { DeviceConfig } from '../../shared/config.ts';
import type { BoardConsole } from './board-console.ts';
import type { Counters } from './counters.ts';
import { readCounters } from './counters.ts';
import type { FailureKind } from './failed.ts';
import { BoardFailed } from './failed.ts';

const POLL_MS = 500;
const ASK_MS = 5000;

/** `hopeless`: waiting longer cannot help. `sentence` says why there is no receipt, should time run out now. */
export type Verdict =
  | { readonly kind: 'paid'; readonly counters: Counters }
  | { readonly kind: 'waiting' | 'hopeless'; readonly failure: FailureKind; readonly sentence: string };

export interface Follow {
  readonly config: DeviceConfig;
  readonly withinMs: number;
  readonly onState: (sentence: string) => void;
}

function waiting(failure: FailureKind, sentence: string): Verdict {
  return { kind: 'waiting', failure, sentence };
}

function hopeless(failure: FailureKind, sentence: string): Verdict {
  return { kind: 'hopeless', failure, sentence };
}

function judgeOffline(reason: string, config: DeviceConfig): Verdict {
  const hub = `${config.host}:${config.port}`;
  if (reason === 'joining the network' || reason === 'not started') {
    const name = config.wifi === undefined ? '' : ` "${config.wifi.ssid}"`;
    return waiting('no-wifi', `no Wi-Fi: the board has not joined the network${name}; check its name and password`);
  }
  if (/refused the connection: (user name or password|not authorised|client id)/.test(reason)) {
    return hopeless(
      'credentials-refused',
      `key not enrolled: the hub at ${hub} refused the device (${reason}); was it enrolled there, or revoked?`,
    );
  }
  if (reason.includes('wrong clock')) {
    return waiting(
      'wrong-clock',
      `wrong clock: the board takes this for a time before 2023, when no certificate is valid yet; enrol it with --sntp (${reason})`,
    );
  }
  return waiting('hub-unreachable', `hub not reachable: ${reason}; does a hub run at ${hub}, as the board sees it?`);
}

/** What the counters and the firmware's lines mean; pure. */
export function judge(counters: Counters | undefined, lines: readonly string[], config: DeviceConfig): Verdict {
  if (counters === undefined) {
    const last = lines.map((line) => /^(?:uncaught|cannot start): (.*)/.exec(line)?.[1]).find((found) => found !== undefined);
    if (last !== undefined) return hopeless('firmware-stopped', `the firmware stopped at its start: ${last}`);
    return waiting('no-firmware', 'the board has restarted and no firmware runs on it');
  }
  if (counters.receipts > 0) return { kind: 'paid', counters };
  switch (counters.state) {
    case 'offline':
      return judgeOffline(counters.reason, config);
    case 'stopped':
      return hopeless('hub-refuses', `hub refuses: ${counters.reason}`);
    case 'fault':
      return waiting('board-fault', `the board reports a fault: ${counters.reason}`);
    case 'serving':
      if (counters.reason !== '') return hopeless('wrong-secrets', `wrong secrets: ${counters.reason}`);
      return waiting('no-receipt', 'the board is connected to the hub and waits for its first receipt');
  }
}

/** What the board says now; where it is silent, because it is starting or at work, what it said last. */
async function look(board: BoardConsole, config: DeviceConfig, last: Verdict | undefined): Promise<Verdict> {
  try {
    return judge(await readCounters((expression) => board.ask(expression, ASK_MS)), board.lines(), config);
  } catch (error) {
    if (!(error instanceof BoardFailed)) throw error;
    return last ?? waiting(error.kind, error.message);
  }
}

export async function followToReceipt(board: BoardConsole, follow: Follow): Promise<Counters> {
  const deadlineMs = Date.now() + follow.withinMs;
  for (let last: Verdict | undefined; ;) {
    const verdict = await look(board, follow.config, last);
    if (verdict.kind === 'paid') return verdict.counters;
    if (verdict.kind === 'hopeless') throw new BoardFailed(verdict.failure, verdict.sentence);
    if (Date.now() + POLL_MS > deadlineMs) {
      const waited = `(waited ${Math.round(follow.withinMs / 1000)} s for the first receipt)`;
      throw new BoardFailed(verdict.failure, `${verdict.sentence} ${waited}`);
    }
    const isNews = last === undefined || (last.kind !== 'paid' && last.sentence !== verdict.sentence);
    if (isNews && verdict.failure !== 'connection-lost') follow.onState(verdict.sentence); // silent: it is starting
    last = verdict;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
