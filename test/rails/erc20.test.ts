// The rail of ERC-20 tokens, against a real EVM in this process: by transfers and by the contract of this project, under faults of the node and reorganisations of the chain.

import { getAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { erc20Rail } from '../../hub/rails/erc20.ts';
import { outboxOf } from '../../hub/rails/erc20-outbox.ts';
import type { Hex } from '../../hub/rails/evm-rpc.ts';
import type { Payout, Rail, RailMemory } from '../../hub/rails/rail.ts';
import { Secret } from '../../hub/rails/secret.ts';
import type { RailFixture } from './conformance.ts';
import { breachesOf, conformance, payoutsOf } from './conformance.ts';
import type { Erc20World } from './erc20-world.ts';
import { erc20World, REFUSED, WALLET } from './erc20-world.ts';
import { memoryOf, testClock } from './rail-world.ts';

const clock = testClock();

function addressOf(number: number): Hex {
  return getAddress(`0x${(0xabc0000 + number).toString(16).padStart(40, 'd')}`);
}

const start = (way: 'transfer' | 'contract'): Promise<Erc20World> => erc20World(clock, way);

const transfers: RailFixture = {
  name: 'erc20, by transfers',
  direction: 'pay',
  currency: 'USD',
  amountMicros: (number) => 2_500_001 + number,
  particulars: (number) => ({ evmAddress: addressOf(number) }),
  address: addressOf,
  refused: [
    { particulars: {}, field: 'evmAddress' },
    { particulars: { evmAddress: '0x123' }, field: 'evmAddress' },
    { particulars: { evmAddress: addressOf(1).toLowerCase().replace('dabc', 'Dabc') }, field: 'evmAddress' },
    { particulars: { evmAddress: `0x${'0'.repeat(40)}` }, field: 'evmAddress' },
    { particulars: { evmAddress: WALLET.address }, field: 'evmAddress' },
  ],
  unpayable: { evmAddress: REFUSED },
  start: () => start('transfer'),
};
const contract: RailFixture = { ...transfers, name: 'erc20, by the contract', start: () => start('contract') };

conformance(transfers);
conformance(contract);

it('what is buried as deep as is waited for stays settled, however often the blocks above it are undone', async () => {
  const submitted = { call: 'submit', faults: [], restart: false, timePasses: true, all: false } as const;
  const looked = { ...submitted, timePasses: false };
  const undone = { ...looked, faults: ['reorganised', 'reorganised'] };
  const asked = { ...looked, all: true };
  expect(await breachesOf(contract, [submitted, submitted, looked, undone, asked, asked])).toEqual([]);
});

async function tried(
  fixture: RailFixture,
  look: (world: Erc20World, rail: Rail, payouts: readonly Payout[]) => Promise<void>,
): Promise<void> {
  const world = (await fixture.start()) as Erc20World;
  const rail = await world.open();
  await look(world, rail, payoutsOf(fixture, rail, 4).slice(0, 3));
  await world.close();
}

async function untilSettled(
  world: Erc20World,
  rail: Rail,
  payouts: readonly Payout[],
  memory: RailMemory,
): Promise<(string | undefined)[]> {
  let kinds: (string | undefined)[] = [];
  for (
    let round = 0;
    round < 12 && !(kinds.length > 0 && kinds.every((kind) => kind === 'settled' || kind === 'rejected'));
    round++
  ) {
    const outcomes = await rail.submit(payouts, memory);
    kinds = payouts.map(({ id }) => outcomes.get(id)?.kind);
    await world.passTime();
  }
  return kinds;
}

describe('erc20', () => {
  it('counts as settled what lies under enough blocks, and as accepted what was mined before', () =>
    tried(transfers, async (world, rail, [payout]) => {
      const memory = memoryOf();
      const one = [payout as Payout];
      const kinds: (string | undefined)[] = [];
      for (let block = 0; block < 4; block++) {
        kinds.push((await rail.submit(one, memory)).get((payout as Payout).id)?.kind);
        await world.chain.mine();
      }
      expect(kinds).toEqual(['sent', 'accepted', 'accepted', 'settled']);
    }));

  it('signs nothing new after a crash between the signature and the broadcast', () =>
    tried(transfers, async (world, rail, payouts) => {
      const memory = memoryOf();
      world.meet('lost before');
      await rail.submit(payouts, memory).catch(() => undefined);
      const signed = outboxOf(memory).open.map(({ raws }) => raws);
      expect(await untilSettled(world, await world.open(), payouts, memory)).toEqual(['settled', 'settled', 'settled']);
      const mined = new Set(world.chain.receipts().map(({ transactionHash }) => transactionHash));
      expect(signed.flat().every(({ hash }) => mined.has(hash))).toBe(true);
    }));

  it('offers more for the same nonce and content when nobody mines it, and is paid once', () =>
    tried(transfers, async (world, rail, payouts) => {
      const memory = memoryOf();
      world.chain.stalled = true;
      for (let hour = 0; hour < 8; hour++) {
        await rail.submit(payouts, memory);
        await world.passTime();
      }
      expect(outboxOf(memory).open.every(({ raws }) => raws.length >= 2)).toBe(true);
      expect(world.chain.waiting()).toBe(3);
      world.chain.stalled = false;
      expect(await untilSettled(world, rail, payouts, memory)).toEqual(['settled', 'settled', 'settled']);
      expect(world.moved()).toHaveLength(3);
    }));

  it('offers no more than the operator allows, and waits while gas is dearer', () =>
    tried(transfers, async (world, _rail, payouts) => {
      const poor = erc20Rail({ ...world.options, maxFeeWei: 1_000_000n }, clock);
      const memory = memoryOf();
      await expect(poor.submit(payouts, memory)).rejects.toThrow(/maxFeeWei/);
      expect(memory.entries.size).toBe(0);
    }));

  it('signs nothing that the wallet does not hold', () =>
    tried(transfers, async (world, rail, payouts) => {
      const { address } = world.options.tokens.USD as { address: Hex };
      await world.send(address, world.tokenCall('transfer', addressOf(77), 10n ** 30n - 1n));
      const memory = memoryOf();
      await expect(rail.submit(payouts, memory)).rejects.toThrow(/add funds/);
      expect(memory.entries.size).toBe(0);
    }));

  it('refuses a node of another chain', () =>
    tried(transfers, async (world, _rail, payouts) => {
      const memory = memoryOf();
      await expect(erc20Rail({ ...world.options, chainId: 137 }, clock).submit(payouts, memory)).rejects.toThrow(
        /expected a node of chain 137/,
      );
      expect(memory.entries.size).toBe(0);
    }));

  it('leaves to a person what a foreign use of its nonce has made unclear; the contract clears it alone', async () => {
    for (const [fixture, expected] of [
      [transfers, 0],
      [contract, 3],
    ] as const) {
      await tried(fixture, async (world, rail, payouts) => {
        const memory = memoryOf();
        for (let time = 0; time < 6; time++) world.meet('lost before');
        await rail.submit(payouts, memory).catch(() => undefined);
        world.calm();
        for (let time = 0; time < 3; time++) await world.send(WALLET.address, '0x');
        if (expected === 0) {
          for (let time = 0; time < 4; time++) await world.chain.mine();
          await expect(rail.submit(payouts, memory)).rejects.toThrow(/compare the wallet's history/);
        } else expect(await untilSettled(world, rail, payouts, memory)).toEqual(['settled', 'settled', 'settled']);
        expect(world.moved()).toHaveLength(expected);
      });
    }
  });

  it.each([0, 1, 2])(
    'rejects what the token did not move, in whatever manner it says so (%s), and pays the others',
    async (manner) => {
      for (const way of ['transfer', 'contract'] as const) {
        // A token that answers `true` and moves nothing lies to the contract too; only its own events tell, and those the contract does not see.
        if (manner === 2 && way === 'contract') continue;
        const fixture = { ...transfers, start: () => start(way) };
        await tried(fixture, async (world, rail) => {
          const payouts = payoutsOf(fixture, rail, 3);
          expect(await untilSettled(world, rail, payouts, memoryOf())).toEqual(['settled', 'settled', 'rejected']);
          expect(world.moved()).toHaveLength(2);
        });
      }
    },
  );

  it('pays once by the contract, though its memory and its nonces are lost', () =>
    tried(contract, async (world, rail, payouts) => {
      expect(await untilSettled(world, rail, payouts, memoryOf())).toEqual(['settled', 'settled', 'settled']);
      expect(await untilSettled(world, await world.open(), payouts, memoryOf())).toEqual(['settled', 'settled', 'settled']);
      expect(world.moved()).toHaveLength(3);
    }));

  it('hands many payouts over in one transaction of the contract', () =>
    tried(contract, async (world, rail) => {
      const many = payoutsOf(contract, rail, 41).slice(0, 40);
      const before = world.chain.receipts().length;
      await untilSettled(world, rail, many, memoryOf());
      expect(world.chain.receipts().length - before).toBe(1);
      expect(world.moved()).toHaveLength(40);
    }));

  it.each([2, 6, 18])('moves the exact amount of a token with %s decimals', async (decimals) => {
    const world = await erc20World(clock, 'transfer', decimals);
    const rail = await world.open();
    const unit = rail.unitMicros('USD') as number;
    expect(unit).toBe(decimals === 2 ? 10_000 : 1);
    const [first] = payoutsOf({ ...transfers, amountMicros: () => 123_450_000 + unit }, rail, 2) as [Payout];
    await untilSettled(world, rail, [first], memoryOf());
    expect(world.moved().map(({ amountMicros }) => amountMicros)).toEqual([123_450_000 + unit]);
    await world.close();
  });

  it('shows neither the key nor the address of the node', () =>
    tried(transfers, async (world, _rail, payouts) => {
      await world.close();
      const error = await erc20Rail({ ...world.options, privateKey: new Secret(`0x${'1'.repeat(64)}`) }, clock)
        .submit(payouts, memoryOf())
        .then(String, (failure: unknown) =>
          JSON.stringify([String(failure), failure, world.options], (_name, value: unknown) =>
            typeof value === 'bigint' ? String(value) : value,
          ),
        );
      expect(error).not.toMatch(/hush|11111111/);
    }));

  it('is found out by the suite when it forgets its outbox', async () => {
    const forgetful: RailFixture = {
      ...transfers,
      async start() {
        const world = await start('transfer');
        const rail = await world.open();
        const without = (memory: RailMemory): RailMemory => ({
          get: (key) => memory.get(key),
          put: (key, value) => (key === 'outbox' ? undefined : memory.put(key, value)),
        });
        return {
          ...world,
          open: () => ({
            ...rail,
            submit: (payouts, memory) => rail.submit(payouts, withOutbox(without(memory))),
            poll: () => Promise.resolve(new Map()),
          }),
        };
      },
    };
    const breaches = await breachesOf(forgetful, [{ call: 'submit', faults: [], restart: false, timePasses: true, all: true }]);
    expect(breaches).toEqual(expect.arrayContaining([expect.stringMatching(/not again/)]));
  });
});

/** Remembers within one call, and not beyond it. */
function withOutbox(memory: RailMemory): RailMemory {
  const own = new Map<string, string>();
  return {
    get: (key) => own.get(key) ?? memory.get(key),
    put: (key, value) => {
      own.set(key, value);
      memory.put(key, value);
    },
  };
}
