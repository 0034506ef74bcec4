// Defects of the hub's front door: acknowledging too early, or what was never judged. In: the rooms as shipped. Out: the same, with a wrong order or a leak.

import type { Connection } from '../../hub/broker.ts';
import { chainSalt, linkBefore } from '../../shared/payword.ts';
import { sha256 } from '../../hub/proofs.ts';
import { MAX_GAP_UNITS } from '../../shared/units.ts';
import type { Units } from '../../shared/units.ts';
import { decodeUplink } from '../../shared/uplink.ts';
import { writePaywordVoucher } from '../../shared/voucher.ts';
import type { Defect } from './defect.ts';
import { everyNth, inHub } from './defect.ts';

export const DOOR_DEFECTS: readonly Defect[] = [
  inHub({ id: 'puback-before-commit', room: 'broker', what: 'A message is acknowledged when it arrives.' }, () => ({
    broker: (rooms) => ({
      ...rooms,
      onUp(connection, message, done) {
        done();
        rooms.onUp(connection, message, () => undefined);
      },
    }),
  })),
  inHub(
    { id: 'puback-after-failure', room: 'broker', what: 'A message whose commit failed is acknowledged all the same.' },
    () => ({
      broker: (rooms) => ({ ...rooms, onUp: (connection, message, done) => rooms.onUp(connection, message, () => done()) }),
    }),
  ),
  inHub(
    { id: 'take-overs-not-counted', room: 'broker', what: 'Nobody notices that two boards take each other’s connection.' },
    () => ({
      broker: (rooms) => ({ ...rooms, onTakeOver: () => undefined }),
    }),
  ),
  inHub({ id: 'message-dropped', room: 'intake', what: 'Every thirtieth message is acknowledged and never judged.' }, () => {
    const drops = everyNth(30);
    return {
      intake(open, options) {
        const intake = open(options);
        return {
          ...intake,
          receive: (connection, message, done) => (drops() ? done() : intake.receive(connection, message, done)),
        };
      },
    };
  }),
  inHub({ id: 'receipts-not-sent', room: 'intake', what: 'Nothing is answered on channels with an even number.' }, () => ({
    intake(open, options) {
      const intake = open(options);
      let channel = 0;
      const mute = (connection: Connection): Connection => {
        const own = channel;
        return {
          device: connection.device,
          send: (message) => (own % 2 === 0 ? undefined : connection.send(message)),
          cut: () => connection.cut(),
        };
      };
      return {
        ...intake,
        receive(connection, message, done) {
          const said = decodeUplink(message);
          channel = said.kind === 'malformed' ? 1 : said.kind === 'commitment' ? said.terms.channel : said.channel;
          intake.receive(mute(connection), message, done);
        },
      };
    },
  })),
  inHub({ id: 'gap-one-too-long', room: 'intake', what: 'A payword may be one link further ahead than the bound.' }, () => ({
    intake(open, options) {
      const intake = open(options);
      return {
        ...intake,
        receive(connection, message, done) {
          const said = decodeUplink(message);
          const channel = said.kind === 'payword' ? options.store.channels.find(connection.device, said.channel) : undefined;
          if (said.kind === 'payword' && channel !== undefined && said.units - channel.linkUnits === MAX_GAP_UNITS + 1) {
            const salt = chainSalt(connection.device, said.channel);
            const nearer = linkBefore(salt, said.units - 1, said.link, sha256);
            const units = (said.units - 1) as Units;
            intake.receive(connection, writePaywordVoucher(said.channel, units, nearer), () => undefined);
          }
          intake.receive(connection, message, done);
        },
      };
    },
  })),
];
