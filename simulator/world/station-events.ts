// What becomes of a station's events: the chronicle notes them, the auditor holds them against its books, and power is accounted for. In: events of any station. Out: nothing; it decides nothing.

import type { Bytes } from '../../shared/bytes.ts';
import type { Auditor } from '../audit/auditor.ts';
import type { Chronicle } from './chronicle.ts';
import type { PowerBook } from './power.ts';
import type { StationEvents } from './station.ts';

interface Witnesses {
  readonly chronicle: Chronicle;
  readonly power: PowerBook;
  readonly auditor: Auditor;
  /** Codes that were ever published, by build. */
  readonly published: ReadonlyMap<string, ReadonlySet<Bytes>>;
  readonly fault: (kind: string, detail: string) => void;
}

export function stationEvents({ chronicle, power, auditor, published, fault }: Witnesses): StationEvents {
  return {
    onDelivered(station, units) {
      chronicle.count('units delivered', units);
      power.delivered(station, units);
      auditor.delivered(station.config.device, units);
    },
    onOff: (station) => power.off(station),
    onBoot(station, registerUnits) {
      chronicle.note(`${station.index} boots at ${registerUnits}`);
      auditor.booted(station.config.device, registerUnits);
    },
    onStart(station, code) {
      chronicle.note(`${station.index} starts ${code.substring(0, 24)}`);
      if (published.get(station.config.profile)?.has(code) === true) return;
      auditor.broken('firmware-published', `${station.label}: starts what nobody published`);
    },
    onDead(station, why) {
      fault('board does not start', `${station.index} ${why}`);
      power.dead(station, why);
    },
  };
}
