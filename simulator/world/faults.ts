// What goes wrong, and when: each fault of the scenario as a Poisson process of its own. In: rates, and the world. Out: partitions, kills, cuts, worn flash,
// clocks that jump. Every fault ends again, or is survivable; after the scenario's end nothing new begins.

import type { FlashImage } from './flash.ts';
import type { Random } from '../random.ts';
import type { Station } from './station.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;
const YEAR_SECONDS = 31_557_600;

/** Runs now and then, until the scenario's end. */
export function nowAndThen(world: World, perDay: number, random: Random, run: () => void): void {
  if (perDay <= 0) return;
  const wait = (): void => {
    world.clock.after(random.exponential(DAY_MS / perDay), () => {
      if (world.calm) return;
      run();
      wait();
    });
  };
  wait();
}

export function unleash(world: World): void {
  const { network: weather, faults } = world.scenario;
  world.network.weather = {
    delayMs: { least: weather.delay.least, mean: weather.delay.mean },
    lossShare: weather.loss,
    duplicateShare: weather.duplicate,
    reorderShare: weather.reorder,
    flipShare: weather.flip,
  };
  partitions(world);
  hubFaults(world);
  diskFaults(world);
  clockJumps(world);
  boardFaults(world);
  if (faults.flashWear !== undefined) {
    for (const station of world.stations) station.flash.enduranceErasures = faults.flashWear.enduranceErasures;
  }
}

/** The weather of the last hour: fair, so that everything can be delivered. */
export function calm(world: World): void {
  world.calm = true;
  world.network.weather = { ...world.network.weather, lossShare: 0, duplicateShare: 0, reorderShare: 0, flipShare: 0 };
  for (const station of world.stations) {
    world.network.partition(station.index, false);
    station.flash.cutsNow = () => false;
    station.powerOn();
  }
}

function partitions(world: World): void {
  const asked = world.scenario.faults.partition;
  if (asked === undefined) return;
  const random = world.random('partition');
  nowAndThen(world, asked.perDay, random, () => {
    const cut = world.stations.filter(() => random.next() < asked.share);
    world.fault('partition', String(cut.length));
    for (const { index } of cut) world.network.partition(index, true);
    world.clock.after(random.exponential(asked.lasts), () => {
      for (const { index } of cut) world.network.partition(index, false);
    });
  });
}

function hubFaults(world: World): void {
  const { hubRestart, hubKill, hubPowerLoss, brokerLoss } = world.scenario.faults;
  const random = world.random('hub faults');
  if (hubRestart !== undefined) nowAndThen(world, hubRestart.perDay, random, () => world.keeper.restart(hubRestart.lasts));
  if (hubKill !== undefined) nowAndThen(world, hubKill.perDay, random, () => world.keeper.killSoon('killed', hubKill.lasts));
  if (hubPowerLoss !== undefined) {
    nowAndThen(world, hubPowerLoss.perDay, random, () => world.keeper.killSoon('power lost', hubPowerLoss.lasts));
  }
  if (brokerLoss !== undefined) {
    nowAndThen(world, brokerLoss.perDay, random, () => {
      world.fault('broker lost its connections', '');
      world.network.dropAll(true);
    });
  }
}

function diskFaults(world: World): void {
  const { diskFull, diskError } = world.scenario.faults;
  const random = world.random('disk faults');
  if (diskFull !== undefined) {
    nowAndThen(world, diskFull.perDay, random, () => {
      world.fault('disk full', '');
      world.keeper.fillDisk(random.exponential(diskFull.lasts));
    });
  }
  if (diskError !== undefined) {
    nowAndThen(world, diskError.perDay, random, () => {
      world.fault('disk error', '');
      world.keeper.failDisk(random.exponential(diskError.lasts));
    });
  }
}

function clockJumps(world: World): void {
  const asked = world.scenario.faults.clockJump;
  if (asked === undefined) return;
  const random = world.random('clock');
  nowAndThen(world, asked.perDay, random, () => {
    const years = random.integer(0, 1) === 0 ? asked.years : -asked.years;
    world.fault('clock jump', `${years} years`);
    world.site.skewSeconds = Math.round(years * YEAR_SECONDS);
    world.clock.after(random.exponential(asked.lasts), () => {
      world.site.skewSeconds = 0;
    });
  });
}

/** A cut that waits for the next write to flash takes the power at some time anyway. */
const WRITE_WAIT_MS = 600_000;

function boardFaults(world: World): void {
  const { boardPowerCut, flashCorruption, rollback } = world.scenario.faults;
  const offMs = boardPowerCut?.lasts ?? rollback?.lasts ?? 60_000;
  const images = new Map<Station, Copy>();
  world.power.onOff = (station) => {
    world.fault('board power cut', String(station.index));
    station.flash.cutsNow = () => false;
    world.clock.after(offMs, () => station.powerOn());
  };
  world.power.onDead = (station) => {
    // The operator replaces the flash and provisions the same device again.
    station.flash.restore({ pages: [], files: new Map() });
    world.power.wentBack(station, 0);
    world.clock.after(offMs, () => station.powerOn());
  };
  for (const station of world.stations) {
    const random = world.random(`board ${station.label}`);
    if (boardPowerCut !== undefined) nowAndThen(world, boardPowerCut.perBoardDay, random, () => cut(world, station, random));
    if (flashCorruption !== undefined) {
      nowAndThen(world, flashCorruption.perBoardDay, random, () => {
        world.fault('flash corrupted', String(station.index));
        world.power.damaged(station, 'corrupted');
        station.flash.corrupt(flashCorruption.bits);
      });
    }
    if (rollback !== undefined) nowAndThen(world, rollback.perBoardDay, random, () => rollBack(world, station, images));
  }
}

function cut(world: World, station: Station, random: Random): void {
  if (random.integer(0, 1) === 0) return station.cutPower();
  let left = random.integer(0, 5);
  station.flash.cutsNow = () => left-- <= 0;
  world.clock.after(WRITE_WAIT_MS, () => {
    if (!world.calm) station.flash.cutsNow = () => false;
  });
}

/** What a board's flash held, and what had been delivered then. */
interface Copy {
  readonly flash: FlashImage;
  readonly deliveredUnits: number;
}

/** The first time the flash is copied; the next time it comes back. */
function rollBack(world: World, station: Station, images: Map<Station, Copy>): void {
  const image = images.get(station);
  if (image === undefined) {
    images.set(station, {
      flash: station.flash.image(),
      deliveredUnits: world.auditor.devices.get(station.config.device)?.deliveredUnits ?? 0,
    });
    world.power.damaged(station, 'rolled back');
    return;
  }
  images.delete(station);
  world.fault('board rolled back', String(station.index));
  world.power.damaged(station, 'rolled back');
  station.cutPower();
  station.flash.restore(image.flash);
  world.power.wentBack(station, image.deliveredUnits);
}
