// One seeded life of a settlement: sales, batches, payouts, a provider in bad weather, and a process that dies at any step and starts again; then calm, until nothing waits
// any more. In: a seed and a store. Out: what is wrong at the end, if anything: every line's money must have moved on the provider's ledger exactly once. The code
// under test is the shipped one.

import { audit } from '../../../hub/audit.ts';
import { accountIdOf } from '../../../hub/ids.ts';
import { recordOutcomes } from '../../../hub/outcome.ts';
import type { PayoutRow } from '../../../hub/payout.ts';
import type { Rail, RailName } from '../../../hub/rails/rail.ts';
import { sendPayouts } from '../../../hub/send.ts';
import { settle } from '../../../hub/settlement.ts';
import type { Store } from '../../../hub/store.ts';
import type { Terms } from '../../../hub/terms.ts';
import { termsWith } from '../../../hub/terms.ts';
import { withhold } from '../../../hub/withhold.ts';
import type { Random } from '../../../simulator/random.ts';
import { seededRandom } from '../../../simulator/random.ts';
import type { AccountId } from '../../../shared/identity.ts';
import type { ChannelNumber } from '../../../shared/units.ts';
import type { OwingChannel } from '../owing.ts';
import { openChannel } from '../owing.ts';
import { Crash, steppedStore } from './crashing-store.ts';
import type { Provider, Weather } from './provider.ts';
import { CALM, openProvider } from './provider.ts';

/** A wrong variant of the code under test, planted to see that it is found. */
export interface Planted {
  readonly store?: (store: Store) => Store;
  readonly rail?: (rail: Rail) => Rail;
  readonly send?: typeof sendPayouts;
}

export interface RunResult {
  readonly findings: readonly string[];
  readonly crashes: number;
  readonly payouts: number;
  /** Where it died. */
  readonly steps: readonly string[];
}

const DAY = 86_400;
/** Between two runs on one store, so that one is over for the rails before the next begins. */
const RUN_SECONDS = 400 * DAY;
const CURRENCY = 'EUR';
/** Nothing is lost any more, but payouts are still rejected and come back. */
const LIVELY_ROUNDS = 3;
const CALM_ROUNDS = 300;
const PAYOUTS_MAX = 1000;
const FIRST = 1 as ChannelNumber;

interface Parties {
  readonly payer: string;
  readonly payee: string;
  readonly priceMicros: number;
}

interface Life {
  readonly random: Random;
  readonly disk: Store;
  readonly providers: readonly Provider[];
  readonly channels: ReadonlyArray<
    OwingChannel & { readonly payer: string; readonly payee: string; readonly priceMicros: number }
  >;
  readonly accounts: readonly string[];
  readonly approval: 'none' | 'required';
  readonly planted: Planted;
  readonly beginsAtSeconds: number;
  nowSeconds: number;
  /** Steps until the process dies; none: it lives. */
  doom: number | undefined;
  readonly diedAt: string[];
}

/** What one process knows; gone with it. */
interface Process {
  readonly store: Store;
  readonly terms: Terms;
}

export async function liveOnce(disk: Store, seed: number, at: number, planted: Planted = {}): Promise<RunResult> {
  const weather: Weather = { ...CALM };
  const life = begin(disk, seed, at, weather, planted);
  try {
    const rounds = life.random.integer(2, 8);
    badWeather(life.random, weather);
    for (let round = 0; round < rounds; round++) await survive(life, (process) => act(life, process));
    Object.assign(weather, CALM, { rejects: 0.2, reverses: 0.2 });
    for (let round = 0; round < LIVELY_ROUNDS; round++) await settleRound(life);
    Object.assign(weather, CALM);
    await calm(life);
    return resultOf(life, atTheEnd(life));
  } catch (error) {
    return resultOf(life, [`died of ${(error as Error).message}`]);
  }
}

function resultOf(life: Life, findings: readonly string[]): RunResult {
  const payouts = life.providers.reduce((sum, provider) => sum + provider.orders(), 0);
  return { findings, crashes: life.diedAt.length, payouts, steps: life.diedAt };
}

function begin(disk: Store, seed: number, at: number, weather: Weather, planted: Planted): Life {
  const random = seededRandom(seed, 'settlement');
  const name = (who: string): string => `${who} ${at}`;
  const payers = ['alice', 'adam'].slice(0, random.integer(1, 2)).map(name);
  const payees = ['bob', 'bea', 'ben'].slice(0, random.integer(1, 3)).map(name);
  const rails: RailName[] = random.integer(0, 2) === 0 ? ['sepa', 'stripe'] : ['sepa'];
  const providers = rails.map((rail) =>
    openProvider({
      name: rail,
      unitMicros: rail === 'sepa' ? 10_000 : 1,
      maxMicros: random.integer(0, 3) === 0 ? 300_000 : 1_000_000_000,
      feeMicros: random.integer(0, 1) * 200,
      random,
      weather: () => weather,
    }),
  );
  const nowSeconds = at * RUN_SECONDS + DAY;
  const parties = payers.flatMap((payer) => payees.map((payee) => ({ payer, payee })));
  const channels = parties.map(({ payer, payee }, i) => {
    const priceMicros = random.integer(1, 40_000);
    return {
      ...openChannel(disk, `${i} ${at}`, { payer, payee, currency: CURRENCY, priceMicros }, nowSeconds),
      payer,
      payee,
      priceMicros,
    };
  });
  const life: Life = {
    ...{ random, disk, providers, channels, planted, nowSeconds, beginsAtSeconds: nowSeconds, accounts: [...payers, ...payees] },
    ...{ approval: random.integer(0, 3) === 0 ? 'required' : 'none', doom: undefined, diedAt: [] },
  };
  routeAll(life, rails, payers, payees);
  return life;
}

/** Most payees are paid by a rail, some payers collected from, some payers prepaid; the rest settles in the books. */
function routeAll(
  { disk, random, nowSeconds }: Life,
  rails: readonly RailName[],
  payers: readonly string[],
  payees: readonly string[],
): void {
  const any = (): RailName => rails[random.integer(0, rails.length - 1)] as RailName;
  disk.atomically(() => {
    for (const payee of payees) if (random.integer(0, 5) > 0) disk.routes.route(accountIdOf(payee), 'pay', any(), nowSeconds);
    for (const payer of payers) {
      if (random.integer(0, 1) === 0) disk.routes.route(accountIdOf(payer), 'collect', any(), nowSeconds);
      if (random.integer(0, 5) === 0)
        disk.wallets.setTerms(accountIdOf(payer), { kind: 'prepaid', currency: CURRENCY, creditMicros: 0 }, nowSeconds);
    }
  });
}

function badWeather(random: Random, weather: Weather): void {
  const some = (most: number): number => (random.integer(0, 2) === 0 ? 0 : random.next() * most);
  weather.requestLost = some(0.4);
  weather.answerLost = some(0.4);
  weather.answerLate = some(0.5);
  weather.unsaid = some(0.5);
  weather.rejects = some(0.4);
  weather.reverses = some(0.2);
  weather.progresses = 0.2 + random.next() * 0.8;
}

/** The process works until it dies; then there is another one, and what it knew is gone. */
async function survive(life: Life, work: (process: Process) => Promise<void> | void): Promise<void> {
  life.doom = life.random.integer(0, 3) === 0 ? undefined : life.random.integer(0, 60);
  try {
    await work(processOf(life));
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    life.diedAt.push(error.message);
  }
  life.doom = undefined;
}

function processOf(life: Life): Process {
  const onStep = (step: string): void => {
    if (life.doom !== undefined && life.doom-- <= 0) throw new Crash(step);
  };
  const { planted, disk, providers, approval } = life;
  const stepped = steppedStore(planted.store?.(disk) ?? disk, onStep);
  const rails = providers.map((provider) => provider.rail(onStep)).map((rail) => planted.rail?.(rail) ?? rail);
  const thresholdOf = (): ReturnType<Terms['thresholdOf']> => ({ minMicros: 30_000, maxFeeShareMillionths: 10_000 });
  return { store: stepped, terms: termsWith(rails, { approval, thresholdOf, retryAfterSeconds: DAY, watchSeconds: 100 * DAY }) };
}

/** Something that a hub, its operator, its customers or its bank do. */
async function act(life: Life, { store, terms }: Process): Promise<void> {
  const { random, channels } = life;
  const send = life.planted.send ?? sendPayouts;
  life.nowSeconds += random.integer(0, 2) * DAY;
  for (let i = random.integer(1, 5); i > 0; i--) {
    const what = random.integer(0, 9);
    if (what <= 1) channels[random.integer(0, channels.length - 1)]?.accept(random.integer(1, 30), life.nowSeconds);
    else if (what <= 3) settle(store, { dryRun: false, nowSeconds: life.nowSeconds, terms, all: random.integer(0, 3) === 0 });
    else if (what <= 5) await send(store, terms, life.nowSeconds);
    else if (what <= 7) for (const provider of life.providers) provider.progress();
    else if (what === 8) sayOutOfTurn(life, store);
    else decide(life, store);
  }
}

/** A reply that nobody asked for: a file from the bank, a webhook, the same twice. */
function sayOutOfTurn({ providers, random, nowSeconds }: Life, store: Store): void {
  const said = providers[random.integer(0, providers.length - 1)]?.said();
  if (said !== undefined) recordOutcomes(store, random.integer(0, 1) === 0 ? [said, said] : [said], 'a reply', nowSeconds);
}

/** The operator approves, or keeps a payout back. */
function decide({ random, nowSeconds, disk }: Life, store: Store): void {
  const waiting = disk.batches.underWay();
  if (waiting !== undefined && disk.routes.approvalOf(waiting.id) === undefined)
    store.atomically(() => store.routes.approve(waiting.id, 'carol', nowSeconds));
  const [prepared] = disk.payouts.inState('prepared');
  if (prepared !== undefined && random.integer(0, 1) === 0) withhold(store, prepared.id, 'carol', nowSeconds);
}

/** No crash, no loss, nobody rejects: in the end nothing may wait any more. */
async function calm(life: Life): Promise<void> {
  for (let round = 0; round < CALM_ROUNDS; round++) {
    const isQuiet = await settleRound(life);
    if (isQuiet && life.providers.every((provider) => provider.isIdle()) && isDone(life.disk)) return;
  }
}

/** A day on which everybody does what they should; true when there was nothing to settle. */
async function settleRound(life: Life): Promise<boolean> {
  const { store, terms } = processOf(life);
  life.nowSeconds += 2 * DAY;
  const { batch } = settle(store, { dryRun: false, nowSeconds: life.nowSeconds, terms, all: true });
  const waiting = store.batches.underWay();
  if (waiting !== undefined) store.atomically(() => store.routes.approve(waiting.id, 'carol', life.nowSeconds));
  await (life.planted.send ?? sendPayouts)(store, terms, life.nowSeconds);
  for (const provider of life.providers) provider.progress();
  return batch === undefined;
}

function isDone({ payouts, batches }: Store): boolean {
  const isOpen = (['prepared', 'sent', 'accepted'] as const).some((state) => payouts.inState(state).length > 0);
  return !isOpen && payouts.sidesWithLost().length === 0 && batches.newest(100).every(({ state }) => state === 'settled');
}

function atTheEnd(life: Life): string[] {
  const { disk, channels, accounts } = life;
  const findings = [...audit(disk)];
  if (!isDone(disk)) findings.push('something still waits, and nothing will move it');
  const behind = channels.filter(
    (channel) => disk.channels.standing(channel.device, FIRST).settledUnits !== channel.acceptedUnits(),
  );
  // Less than the smallest unit, or a line beyond what one payout may be: not yet, and rightly so.
  const held = behind.length === 0 ? [] : heldIn(life);
  for (const { payer, payee } of behind)
    if (!held.includes(accountIdOf(payee)) && !held.includes(accountIdOf(payer)))
      findings.push(`what ${payer} owes ${payee} is accepted and not settled, and nothing holds it back`);
  const payouts = disk.payouts.newest(PAYOUTS_MAX).filter(({ createdAtSeconds }) => createdAtSeconds >= life.beginsAtSeconds);
  return [...findings, ...accounts.flatMap((account) => accountFaults(life, account, payouts))];
}

function heldIn(life: Life): AccountId[] {
  const { held } = settle(life.disk, { dryRun: true, nowSeconds: life.nowSeconds, terms: processOf(life).terms, all: true });
  return held.map(({ account }) => account);
}

/** What lines say, what the books say and what the provider says of one account are one sum. */
function accountFaults(life: Life, name: string, payouts: readonly PayoutRow[]): string[] {
  const { disk, providers, channels } = life;
  const account = accountIdOf(name);
  const faults: string[] = [];
  const isPayee = channels.some((channel) => channel.payee === name);
  const direction = isPayee ? 'pay' : 'collect';
  const movedMicros = providers.reduce((sum, provider) => sum + provider.netMicros(name, direction), 0);
  const own = payouts.filter((payout) => payout.account === account);
  const grossMicros = own.reduce((sum, payout) => sum + payout.grossMicros, 0);
  const leftMicros = disk.payouts.carried({ account, direction, currency: CURRENCY }).remainderMicros;
  if (movedMicros !== grossMicros - leftMicros)
    faults.push(
      `${name}: lines of ${grossMicros} micros were sent, ${leftMicros} are left, and the provider has moved ${movedMicros}`,
    );
  const debts = channels.filter((channel) => (isPayee ? channel.payee : channel.payer) === name);
  // A prepaid payer's debt stays on its wallet, which is how the wallet pays.
  const isPrepaid = disk.wallets.termsOf(account)?.kind === 'prepaid';
  const stays = debts.filter((channel) => isPrepaid || !clearsDirectly(life, channel));
  const owedMicros = stays.reduce((sum, channel) => sum + channel.acceptedUnits() * channel.priceMicros, 0);
  const balance = disk.books.balanceMicros(account, CURRENCY);
  const due = isPayee ? owedMicros - movedMicros : movedMicros - owedMicros;
  if (balance !== due) faults.push(`${name}: ${due} micros are due, the books say ${balance}`);
  return faults;
}

/** Neither party is routed, or for a payee whose payer has paid ahead the operator pays by hand. */
function clearsDirectly({ disk, channels }: Life, { payer, payee }: Parties): boolean {
  const isPrepaid = disk.wallets.termsOf(accountIdOf(payer))?.kind === 'prepaid';
  const isCollected = !isPrepaid && disk.routes.routeOf(accountIdOf(payer), 'collect') !== undefined;
  return channels.length > 0 && !isCollected && disk.routes.routeOf(accountIdOf(payee), 'pay') === undefined;
}
