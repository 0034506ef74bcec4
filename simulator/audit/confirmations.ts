// What receipts say of the books, held against the committed books as they were when it was said. In: receipts, and word that the books are about to change.
// Out: a sentence for each receipt that was ahead of them. All receipts of one moment are looked up together, at one look: that is what makes a look
// at every receipt affordable. It must never look after the next commit has begun.

import type { ChannelNumber, Units } from '../../shared/units.ts';
import type { OwnDevice } from './own-books.ts';
import type { OwnJournal } from './own-journal.ts';
import type { Peek } from './peek.ts';

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
  readonly peek: () => Peek | undefined;
  /** What is durable beside the database. */
  readonly journal: Pick<OwnJournal, 'units'>;
  readonly soon: (run: () => void) => void;
}

export function confirmations({ peek, journal, soon }: ConfirmationsOptions, ahead: (detail: string) => void): Confirmations {
  let noted: Noted[] = [];
  let isChecking = false;

  function look(books: Peek, { own, channel, acceptedUnits }: Noted): void {
    const stored = books.acceptedUnits(own.config.device, channel);
    if (stored < acceptedUnits) ahead(`${own.label}/${channel}: a receipt for ${acceptedUnits}, ${stored} are stored`);
  }

  function check(): void {
    const checked = noted.filter(({ own, channel, acceptedUnits }) => journal.units(own.config.device, channel) < acceptedUnits);
    noted = [];
    const books = peek();
    if (checked.length === 0) return;
    if (books === undefined) throw new Error('receipts were sent while the books cannot be seen');
    books.atOneMoment(() => {
      for (const one of checked) look(books, one);
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
