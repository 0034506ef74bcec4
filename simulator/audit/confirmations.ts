// What receipts say of the books, held against the committed books as they were when it was said. In: receipts, and word that the books are about to change.
// Out: a sentence for each receipt that was ahead of them. All receipts of one moment are looked up together, at one look: that is what makes a look
// at every receipt affordable. It must never look after the next commit has begun.

import type { Store } from '../../hub/store.ts';
import type { ChannelNumber, Units } from '../../shared/units.ts';
import type { OwnDevice } from './own-books.ts';

export interface Confirmations {
  note(own: OwnDevice, channel: ChannelNumber, acceptedUnits: Units): void;
  /** Looks up all that was noted. */
  check(): void;
}

interface Noted {
  readonly own: OwnDevice;
  readonly channel: ChannelNumber;
  readonly acceptedUnits: Units;
}

interface ConfirmationsOptions {
  readonly eyes: () => Store | undefined;
  readonly soon: (run: () => void) => void;
}

export function confirmations({ eyes, soon }: ConfirmationsOptions, ahead: (detail: string) => void): Confirmations {
  let noted: Noted[] = [];
  let isChecking = false;

  function storedUnits(store: Store, { own, channel }: Noted): number {
    try {
      return store.channels.standing(own.config.device, channel).acceptedUnits;
    } catch {
      return -1; // no such channel in the committed books
    }
  }

  function look(store: Store, one: Noted): void {
    const stored = storedUnits(store, one);
    const { own, channel, acceptedUnits } = one;
    if (stored < acceptedUnits) ahead(`${own.label}/${channel}: a receipt for ${acceptedUnits}, ${stored} are stored`);
  }

  function check(): void {
    const [checked, store] = [noted, eyes()];
    if (checked.length === 0) return;
    noted = [];
    if (store === undefined) throw new Error('receipts were sent while the books cannot be seen');
    store.atOneMoment(() => {
      for (const one of checked) look(store, one);
    });
  }

  return {
    note(own, channel, acceptedUnits) {
      noted.push({ own, channel, acceptedUnits });
      if (isChecking) return;
      isChecking = true;
      soon(() => {
        isChecking = false;
        check();
      });
    },
    check,
  };
}
