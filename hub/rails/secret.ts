// A secret that cannot be printed by accident. In: its text. Out: the text, to whoever asks for it by name; to everything else it is `(secret)`.

import { inspect } from 'node:util';

/** What secrets are looked up in when a file says `env:NAME`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  [inspect.custom](): string {
    return '(secret)';
  }
}
