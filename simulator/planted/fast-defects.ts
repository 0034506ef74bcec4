// Defects of the fast way: answers before the journal has them, records that are lost, rows that are not carried, a judge that is not told. In: the rooms as shipped, and the disk. Out: the same, with one
// of their promises broken.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Verify } from '../../hub/accept.ts';
import type { Journal, Record } from '../../hub/journal.ts';
import { JOURNAL_FILES } from '../../hub/journal.ts';
import type { Disk } from '../world/disk.ts';
import { SHIPPED_PARTS } from '../world/parts.ts';
import type { Defect } from './defect.ts';
import { everyNth, onFastWay } from './defect.ts';
import { onDevice } from './judge-defects.ts';

type Append = (record: Record, done: (error: Error | undefined) => void) => void;

const appending = (make: (append: Append) => Append): (() => { journal: (journal: Journal) => Journal }) => {
  return () => ({ journal: (journal) => ({ ...journal, append: make((record, done) => journal.append(record, done)) }) });
};

function losesJournal(disk: Disk, when: (kind: 'killed' | 'power lost') => boolean): void {
  const crash = disk.crash.bind(disk);
  disk.crash = (kind) => {
    crash(kind);
    if (when(kind)) for (const name of JOURNAL_FILES) rmSync(join(disk.dir(), name), { force: true });
  };
}

const onDisk = (named: Pick<Defect, 'id' | 'what'>, when: (kind: 'killed' | 'power lost') => boolean): Defect => ({
  ...named,
  room: 'disk',
  parts: () => ({
    ...SHIPPED_PARTS,
    hub: { ...SHIPPED_PARTS.hub, front: 'fast' },
    disk: (disk) => losesJournal(disk, when),
  }),
});

export const FAST_DEFECTS: readonly Defect[] = [
  onFastWay(
    { id: 'answer-before-journal', room: 'lane', what: 'A group is answered before its record is durable.' },
    appending((append) => (record, done) => {
      done(undefined);
      append(record, () => undefined);
    }),
  ),
  onFastWay({ id: 'record-dropped', room: 'lane', what: 'Every twentieth record is answered for and never written.' }, () => {
    const drops = everyNth(20);
    return appending((append) => (record, done) => (drops() ? done(undefined) : append(record, done)))();
  }),
  onFastWay(
    { id: 'journal-fault-ignored', room: 'lane', what: 'A record that the disk refused counts as written.' },
    appending((append) => (record, done) => append(record, () => done(undefined))),
  ),
  onDisk(
    { id: 'journal-not-flushed', what: 'The journal’s records are not there after a power cut.' },
    (kind) => kind === 'power lost',
  ),
  onDisk({ id: 'journal-passed-over', what: 'A hub that starts does not look into the journal of the one before.' }, () => true),
  onFastWay({ id: 'row-not-carried', room: 'store', what: 'Every tenth row that is folded stays as it was.' }, () => {
    const skips = everyNth(10);
    return {
      store: (store) => ({
        ...store,
        channels: {
          ...store.channels,
          carry: (device, channel, nowSeconds) => !skips() && store.channels.carry(device, channel, nowSeconds),
        },
      }),
    };
  }),
  onFastWay({ id: 'judge-not-told', room: 'lane', what: 'The judge is not told what the fast way has accepted.' }, () => ({
    fast: (open, options) => ({ ...open(options), land: () => undefined }),
  })),
  onFastWay(
    { id: 'lane-believes', room: 'lane', what: 'Signed vouchers are taken without a look at their signature.' },
    onDevice((device) => {
      (device as { verify: Verify }).verify = () => true;
    }),
  ),
];
