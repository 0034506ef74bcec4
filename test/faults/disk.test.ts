// Errors of the disk below the database: a library between the hub and its C library returns them, and a small file system of its own is filled up and made
// read-only. What a machine lacks for that is said, and the suite skips.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshFolder, MAIN } from '../cli/run.ts';
import { buildPreload, preloaded } from '../disk/preload.ts';
import { closeOf } from '../hub/payer.ts';
import { copyOf, endure, enrolIn, payUpTo, startFaulty, unitsIn } from './faulty-hub.ts';

const SLOW_MS = 60_000;
const preload = buildPreload('test/faults/failing-disk.c');
if (preload.kind === 'missing') console.warn(`SKIPPED: errors of the disk; ${preload.why}`);

const FRONTS = ['fast', 'aedes'] as const;
const FAULTS = [
  ['write ENOSPC', /"the disk is full/],
  ['write EIO', /"the disk reports errors/],
  ['sync EIO', /"the disk reports errors/],
  ['write EROFS', /"the (disk reports errors|data folder cannot be written to)/],
] as const;

/** As long as `file` says so, writes to the data fail. */
function envOf(dataDir: string, file: string): NodeJS.ProcessEnv {
  return { ...preloaded(preload.kind === 'built' ? preload.path : ''), TALLYSTICK_DISK: dataDir, TALLYSTICK_FAULT: file };
}

describe.skipIf(preload.kind === 'missing')('a disk that returns errors', () => {
  it.each(FRONTS.flatMap((front) => FAULTS.map(([what, says]) => [what, front, says] as const)))(
    '%s, in front %s',
    { timeout: SLOW_MS },
    async (what, front, says) => {
      const dataDir = freshFolder();
      const config = enrolIn(dataDir);
      const file = `${dataDir}-fault`;
      const hub = await startFaulty([process.execPath], dataDir, envOf(dataDir, file), front);
      const end = (): void => rmSync(file, { force: true });
      try {
        await endure(hub, config, { begin: () => writeFileSync(file, what), end, says }, dataDir);
      } finally {
        end();
      }
    },
  );

  it('a hub that is stopped meanwhile stops, and the next one has all that was acknowledged', { timeout: SLOW_MS }, async () => {
    const dataDir = freshFolder();
    const config = enrolIn(dataDir);
    const file = `${dataDir}-fault`;
    const hub = await startFaulty([process.execPath], dataDir, envOf(dataDir, file));
    const payer = await hub.connect(config);
    await payer.send(payer.commitment(1));
    await payUpTo(payer, 5);
    const closed = closeOf(payer.client);
    writeFileSync(file, 'write EIO');
    try {
      void payer.send(payer.payword(1, 6)).catch(() => {});
      await closed;
      expect(await hub.server.stop()).toBe(0);
    } finally {
      rmSync(file);
    }
    expect(unitsIn(dataDir)).toBe(5);
  });

  it('a command that needs the disk says in one sentence what is wrong with it', { timeout: SLOW_MS }, () => {
    const dataDir = freshFolder();
    enrolIn(dataDir);
    const file = `${dataDir}-fault`;
    writeFileSync(file, 'write ENOSPC');
    const words = ['device', 'add', '--label', 'x', '--payer', 'a', '--payee', 'b', '--data', dataDir];
    const run = spawnSync(process.execPath, [MAIN, ...words], { env: { ...process.env, ...envOf(dataDir, file) } });
    rmSync(file);
    expect(run.stderr.toString()).toMatch(/^tallystick: .*(disk is full|free some space).*\n$/);
    expect(run.status).toBe(3);
  });
});

// Its mounts are its own and go with it. A user who is not root gets a namespace in which that is allowed.
const UNSHARE = ['unshare', '--user', '--map-root-user', '--mount'] as const;
const mounting = spawnSync(UNSHARE[0], [...UNSHARE.slice(1), 'sh', '-c', 'mount -t tmpfs none /mnt']);
const mayMount = mounting.status === 0;
if (!mayMount) console.warn(`SKIPPED: a full and a read-only file system; mounting one failed: ${String(mounting.stderr)}`);

/** Mounts a file system that only the process sees which it then becomes. */
function onFileSystem(options: string, after = 'true'): readonly [string, ...string[]] {
  const script = `mount -t tmpfs -o ${options} none "$0" && cp -a "$0-seed/." "$0" && ${after} && exec "$@"`;
  return [...UNSHARE, 'sh', '-c', script];
}

describe.skipIf(!mayMount)('a file system of its own', () => {
  it('is full, and then not', { timeout: SLOW_MS }, async () => {
    const dataDir = join(freshFolder(), 'data');
    mkdirSync(dataDir);
    const config = enrolIn(`${dataDir}-seed`);
    const hub = await startFaulty([...onFileSystem('size=4m'), dataDir, process.execPath], dataDir, {}, 'aedes');
    const inside = `/proc/${hub.server.child.pid}/root${dataDir}`;
    const filler = join(inside, 'filler');
    await endure(hub, config, { begin: () => fill(filler), end: () => rmSync(filler), says: /"the disk is full/ }, inside);
  });

  it('is full, and a journal that still has room is believed after a kill', { timeout: SLOW_MS }, async () => {
    const dataDir = join(freshFolder(), 'data');
    mkdirSync(dataDir);
    const config = enrolIn(`${dataDir}-seed`);
    const hub = await startFaulty([...onFileSystem('size=4m'), dataDir, process.execPath], dataDir, {}, 'fast');
    const inside = `/proc/${hub.server.child.pid}/root${dataDir}`;
    const payer = await hub.connect(config);
    await payer.send(payer.commitment(1));
    await payUpTo(payer, 5);
    fill(join(inside, 'filler'));
    let acknowledged = 5;
    const closed = closeOf(payer.client);
    for (let units = 6; units <= 900 && payer.client.connected; units++) {
      await Promise.race([payer.send(payer.payword(1, units)).then(() => (acknowledged = units)), closed]);
    }
    const copy = copyOf(hub, inside);
    rmSync(join(copy, 'filler'));
    expect(unitsIn(copy)).toBeGreaterThanOrEqual(acknowledged);
    await hub.server.kill();
  });

  it('is read-only: the hub does not start, and says so in one sentence', { timeout: SLOW_MS }, () => {
    const dataDir = join(freshFolder(), 'data');
    mkdirSync(dataDir);
    enrolIn(`${dataDir}-seed`);
    const [command, ...words] = onFileSystem('size=4m', 'mount -o remount,ro "$0"');
    const run = spawnSync(command, [...words, dataDir, process.execPath, MAIN, 'hub', '--data', dataDir, '--port', '0']);
    expect(run.stderr.toString()).toMatch(/^tallystick: cannot write to the data folder .*read-only.*\n$/i);
    expect(run.status).toBe(3);
  });
});

/** Until not one byte more goes in. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let size = 65_536; size >= 1; size = Math.floor(size / 2)) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}
