// The load for machines without a C compiler: the same plan, the same words, the same answer as generator.c, in closed loop and without latencies. In: as there. Out: as there. It is about
// as slow as the servers it loads; whoever prints its figures says so.

import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { cpuSecondsOf } from '../load/cpu.ts';

const [, , host = '', port = '', planPath = '', seconds = '', inFlight = '', rate = '', , pid = ''] = process.argv;
if (Number(rate) > 0) throw new Error('a fixed rate needs the compiled load: expected a C compiler, found none');

/** As there, the first second is not counted. */
const WARM_MS = 1000;
const plan = readFileSync(planPath);
let planAt = 0;
let acknowledged = 0;
let running = false;
let ranDry = false;
let lost = 0;

function word(): number {
  planAt += 4;
  return plan.readUInt32LE(planAt - 4);
}

function take(bytes: number): Buffer {
  planAt += bytes;
  return plan.subarray(planAt - bytes, planAt);
}

interface Line {
  readonly socket: Socket;
  pay(count: number): void;
}

function openLine(): Promise<Line> {
  const sizes = [word(), word(), word(), word()] as const;
  const [greeting, opening, wanted, vouchers] = [take(sizes[0]), take(sizes[1]), sizes[2], take(sizes[3])];
  let next = 0;
  const socket = connect({ host, port: Number(port), noDelay: true });
  const pay = (count: number): void => {
    const from = next;
    for (let i = 0; i < count && next < vouchers.length; i++) next += 2 + (vouchers[next + 1] as number);
    if (next > from) socket.write(vouchers.subarray(from, next));
    else ranDry = true;
  };
  return new Promise((resolve, reject) => {
    let left = wanted;
    socket.once('error', reject);
    socket.once('close', () => lost++);
    onPackets(socket, (types) => {
      let acks = 0;
      for (const type of types) {
        if (type === 2) socket.write(opening);
        else if ((type === 4 || type === 9) && left > 0) {
          if (--left === 0) resolve({ socket, pay });
        } else if (type === 4) acks++;
      }
      if (!running || acks === 0) return;
      acknowledged += acks;
      pay(acks);
    });
    socket.write(greeting);
  });
}

/** The types of the packets in each chunk. */
function onPackets(socket: Socket, look: (types: readonly number[]) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const data = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const types: number[] = [];
    let at = 0;
    while (at + 2 <= data.length && at + 2 + (data[at + 1] as number) <= data.length) {
      types.push((data[at] as number) >> 4);
      at += 2 + (data[at + 1] as number);
    }
    held = data.subarray(at);
    look(types);
  });
}

const lines: Line[] = [];
for (let count = word(); count > 0; count--) lines.push(await openLine());
running = true;
for (const line of lines) line.pay(Number(inFlight));
await new Promise((resolve) => setTimeout(resolve, WARM_MS));
acknowledged = 0;
const [cpu, serverBefore, startMs] = [process.cpuUsage(), cpuSecondsOf(Number(pid)) ?? 0, performance.now()];
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
running = false;
const ran = (performance.now() - startMs) / 1000;
const { user, system } = process.cpuUsage(cpu);
const serverCores = ((cpuSecondsOf(Number(pid)) ?? 0) - serverBefore) / ran;
const figures = { acknowledged, seconds: ran, loadCores: (user + system) / 1e6 / ran, serverCores, ranDry, lost };
process.stdout.write(`${JSON.stringify({ ...figures, outOfOrder: 0, p50Ms: 0, p99Ms: 0 })}\n`, () => process.exit(0));
