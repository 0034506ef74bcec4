// A whole world in one process: people, machines, boards, network, hub and auditor, under virtual time and from one seed. In: a scenario. Out: what came of it.
// It wires the rooms together and lets time pass; what happens in it is decided in the rooms. The same seed gives the same chronicle.

import type { Store } from '../../hub/store.ts';
import { PROFILES } from '../../hub/profiles.ts';
import { readReplyFile } from '../../hub/reply.ts';
import type { Bytes } from '../../shared/bytes.ts';
import type { DeviceId } from '../../shared/identity.ts';
import { behaviourBy } from '../arrivals.ts';
import type { Auditor } from '../audit/auditor.ts';
import { createAuditor } from '../audit/auditor.ts';
import { ownDevice } from '../audit/own-books.ts';
import { seededRandom } from '../random.ts';
import type { Random } from '../random.ts';
import type { RailSpec } from '../scenario-rails.ts';
import type { Scenario } from '../scenario.ts';
import type { Member } from './cast.ts';
import type { Chronicle } from './chronicle.ts';
import { createChronicle } from './chronicle.ts';
import type { Clock } from './clock.ts';
import type { Counterpart } from './counterpart.ts';
import { openCounterpart } from './counterpart.ts';
import { enrolAll } from './enrolled.ts';
import { sidesOf, termsFor } from './rails.ts';
import { createClock } from './clock.ts';
import type { FrontKind } from './hub-parts.ts';
import type { Disk } from './disk.ts';
import { createDisk } from './disk.ts';
import { createFlash } from './flash.ts';
import { factoryCode, verificationBy } from './firmware-code.ts';
import { flashByCable, hasFirmware } from './slots.ts';
import { writeHubKey } from './identity.ts';
import type { Network } from './network.ts';
import { createNetwork } from './network.ts';
import type { WorldParts } from './parts.ts';
import { SHIPPED_PARTS } from './parts.ts';
import type { PowerBook } from './power.ts';
import { powerBook } from './power.ts';
import type { Site } from './site.ts';
import { createSite } from './site.ts';
import type { Station } from './station.ts';
import { createStation } from './station.ts';
import { stationEvents } from './station-events.ts';
import type { Keeper } from './keeper.ts';
import { createKeeper } from './keeper.ts';

export interface World {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly clock: Clock;
  readonly chronicle: Chronicle;
  readonly network: Network;
  readonly disk: Disk;
  readonly site: Site;
  /** Starts, kills and restarts the hub. */
  readonly keeper: Keeper;
  readonly auditor: Auditor;
  readonly members: readonly Member[];
  readonly stations: Station[];
  readonly power: PowerBook;
  /** Codes that were ever published, by build. */
  readonly published: ReadonlyMap<string, Set<Bytes>>;
  /** What passes on the wire is public. */
  readonly listeners: Array<(endpoint: number, towards: 'hub' | 'board', bytes: string) => void>;
  /** The other ends of the rails. */
  readonly counterparts: readonly Counterpart[];
  /** True once after promises were kept: whoever waits for them is to go on before time does. */
  takeTurn(): boolean;
  /** True from the end of the scenario on: nothing new goes wrong. */
  calm: boolean;
  random(name: string): Random;
  /** The committed state of the hub, as another process reads it. */
  eyes(): Store | undefined;
  /** Something was made to go wrong. */
  fault(kind: string, detail: string): void;
  addStation(member: Member, label: string): Station;
  close(): void;
}

export function createWorld(scenario: Scenario, seed: number, parts: WorldParts = SHIPPED_PARTS): World {
  const clock = createClock();
  const epochSeconds = Date.parse(scenario.start) / 1000;
  const chronicle = createChronicle(() => clock.nowMs, scenario.duration);
  const disk = createDisk(seededRandom(seed, 'disk'));
  parts.disk(disk);
  const listeners: World['listeners'] = [];
  const stations: Station[] = [];
  const fault = (kind: string, detail: string): void => {
    chronicle.count(`fault ${kind}`);
    chronicle.note(`fault ${kind} ${detail}`);
  };
  const auditor = createAuditor({
    nowMs: () => clock.nowMs,
    eyes: () => keeper.eyes(),
    eyesAnew: () => keeper.eyesAnew(),
    peek: () => keeper.peek(),
    hubSeconds: () => site.nowSeconds(),
    soon: (run) => void clock.after(0, run),
    onLatency: (ms) => chronicle.latency(ms),
    onViolation: ({ rule, detail }) => chronicle.note(`broken ${rule}: ${detail}`),
  });
  const countPacket = (bytes: string): void => {
    chronicle.count('packets');
    chronicle.count('bytes on the wire', bytes.length);
  };
  const deviceAt = (endpoint: number): DeviceId => (stations[endpoint] as Station).config.device;
  const network = createNetwork({
    clock,
    random: seededRandom(seed, 'network'),
    onFault: (kind, endpoint) => fault(`packet ${kind}`, String(endpoint)),
    onBoardSends(endpoint, bytes) {
      countPacket(bytes);
      chronicle.note(`${endpoint}> ${bytes}`);
      const said = auditor.boardSays(deviceAt(endpoint), bytes);
      if (said !== undefined) chronicle.count(said.message.kind === 'commitment' ? 'commitments sent' : 'vouchers sent');
      for (const listen of listeners) listen(endpoint, 'hub', bytes);
    },
    onHubSends(endpoint, bytes) {
      keeper.onStep('send');
      countPacket(bytes);
      chronicle.note(`${endpoint}< ${bytes}`);
      auditor.hubSays(deviceAt(endpoint), bytes);
      for (const listen of listeners) listen(endpoint, 'board', bytes);
    },
  });
  let wantsTurn = false;
  const onTurn = (): void => void (wantsTurn = true);
  const counterparts = scenario.rails.map((spec) =>
    openCounterpart({
      spec,
      clock,
      random: seededRandom(seed, `rail ${spec.name}`),
      fault,
      onAnswer: onTurn,
      dataDir: () => disk.dir(),
      onOrder(counterpart, order) {
        chronicle.note(`payout ${order.payout.id} arrives: ${order.payout.account} ${order.payout.amountMicros}`);
        auditor.orderArrives(counterpart, order);
      },
      onOther: ({ id }) => auditor.broken('payout-once', `${id}: it came again as another one`),
      onStage: ({ payout, stages }) => chronicle.note(`payout ${payout.id} ${stages.at(-1) ?? ''}`),
      onMessage: ({ spec: { name } }, bytes) => readMessage(site, auditor, name, bytes),
    }),
  );
  const site = createSite({
    disk,
    clock,
    network,
    root: scenario.hub.root,
    epochSeconds,
    claimEveryMs: scenario.hub.claimEvery,
    settleEveryMs: scenario.hub.settleEvery,
    hasUpdates: scenario.faults.firmware !== undefined,
    turnMs: scenario.hub.turn,
    parts: parts.hub,
    front: frontsOf(scenario.hub.front, parts.hub.front, seededRandom(seed, 'front')),
    onFastWay: (messages) => chronicle.count('vouchers on the fast way', messages),
    journal: { random: seededRandom(seed, 'journal'), onDurable: (record) => auditor.journalled(record) },
    termsFor: (user) => termsFor(counterparts, user, parts.hub),
    sendEveryMs: scenario.rails.length === 0 ? undefined : Math.min(...scenario.rails.map((rail) => rail.sendEvery)),
    onTurn,
    onStep: (step) => keeper.onStep(step),
    onCommit(touched) {
      chronicle.count('commits');
      auditor.committed(touched);
    },
    onReport: (acknowledge) => auditor.acknowledgesReport(acknowledge),
    onSettled(batch) {
      chronicle.count('batches');
      chronicle.count(
        'transfers',
        new Set(batch.lines.map(({ payer, payee, currency }) => `${payer} ${payee} ${currency}`)).size,
      );
      chronicle.count(
        'micros settled',
        batch.lines.reduce((sum, line) => sum + line.amountMicros, 0),
      );
    },
    onEnd: (error) => keeper.ended(error),
  });
  const keeper = createKeeper({ site, disk, clock, auditor, random: seededRandom(seed, 'keeper'), fault });

  writeHubKey(disk.dir(), seed);
  const { members, wallets } = enrolAll({ scenario, seed, dataDir: disk.dir(), epochSeconds, returns: auditor.returns });
  auditor.wallets.push(...wallets);
  const prepaid = new Set(wallets.filter(({ kind }) => kind === 'prepaid').map(({ name }) => name));
  auditor.sides.push(...sidesOf(counterparts, members, prepaid));
  for (const { label, config, tariff, payer } of members) {
    const wallet = wallets.find((one) => one.name === payer);
    auditor.devices.set(config.device, ownDevice(label, config, tariff, wallet));
  }

  const power = powerBook({ clock, auditor });
  const published = new Map(PROFILES.map((build) => [build as string, new Set([factoryCode(build)])]));
  const beginVerification = scenario.faults.firmware === undefined ? undefined : verificationBy(seed);
  const events = stationEvents({ chronicle, power, auditor, published, fault });

  const world: World = {
    scenario,
    seed,
    clock,
    chronicle,
    network,
    disk,
    site,
    keeper,
    auditor,
    members,
    stations,
    power,
    published,
    listeners,
    counterparts,
    takeTurn() {
      const wanted = wantsTurn;
      wantsTurn = false;
      return wanted;
    },
    calm: false,
    random: (name) => seededRandom(seed, name),
    eyes: () => keeper.eyes(),
    fault,
    addStation(member, label) {
      const station = createStation({
        index: stations.length,
        label,
        config: member.config,
        makeProfile: member.makeProfile,
        behaviour: behaviourBy(
          member.group.behaviour,
          seededRandom(seed, `use ${label}`),
          () => epochSeconds + clock.nowMs / 1000,
        ),
        clock,
        network,
        flash: createFlash(seededRandom(seed, `flash ${label}`)),
        board: parts.board,
        log: (line) => chronicle.note(`${label}: ${line}`),
        events,
        overTheAir: beginVerification && {
          beginVerification,
          provision(flash) {
            const build = member.group.profile;
            if (!hasFirmware(flash)) flashByCable(flash, factoryCode(build), build, 1);
          },
        },
      });
      stations.push(station);
      return station;
    },
    close() {
      keeper.close();
      disk.remove();
    },
  };
  for (const member of members) world.addStation(member, member.label);
  return world;
}

/** Of each life of the hub: who reads vouchers. Most hubs take the fast way. */
function frontsOf(said: Scenario['hub']['front'], planted: FrontKind | undefined, random: Random): () => FrontKind {
  return () =>
    planted ?? (said === 'either' ? (['aedes', 'fast', 'fast', 'fast'] as const)[random.integer(0, 3) as 0 | 1 | 2 | 3] : said);
}

/** What a counterpart tells by itself; nobody hears it while the hub is down. */
function readMessage(site: Site, auditor: Auditor, name: RailSpec['name'], bytes: Uint8Array): void {
  site.attempt((store, { rails }) => {
    const rail = rails.get(name);
    const read = rail === undefined ? `there is no rail ${name}` : readReplyFile(store, rail, bytes, site.nowSeconds());
    if (typeof read === 'string' || read.remarks.length > 0)
      auditor.broken('payout-once', `a message of ${name}: ${typeof read === 'string' ? read : read.remarks.join()}`);
  });
}
