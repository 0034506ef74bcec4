// Who was sent away at the door, for the log: one line a second for each reason, so that whoever keeps knocking does not fill a disk. In: refusals. Out: lines, with how many and the last of them by name.

import type { Logger } from 'pino';

export interface TurnedAway {
  note(client: string, why: string): void;
  /** Writes down what came since the last time. */
  tell(): void;
}

export function turnedAway(log: Pick<Logger, 'warn'>): TurnedAway {
  const since = new Map<string, { visits: number; client: string }>();
  return {
    note(client, why) {
      const known = since.get(why);
      if (known === undefined) return void since.set(why, { visits: 1, client });
      known.visits++;
      known.client = client;
    },
    tell() {
      for (const [why, { visits, client }] of since) log.warn({ why, visits, client }, 'refused to connect');
      since.clear();
    },
  };
}
