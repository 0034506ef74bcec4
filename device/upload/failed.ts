// Why a board could not be loaded or watched: a kind for programs, and one sentence for the person at the board. It is thrown by what talks to
// a board and caught by the command. It must never carry what was sent: that holds the device's secrets.

export type FailureKind =
  | 'no-such-port'
  | 'no-serial-support'
  | 'board-does-not-answer'
  | 'not-a-board'
  | 'connection-lost'
  | 'board-refused'
  | 'too-old'
  | 'no-crypto'
  | 'not-enough-storage'
  | 'mismatch'
  | 'no-firmware'
  | 'firmware-stopped'
  | 'no-wifi'
  | 'hub-unreachable'
  | 'wrong-clock'
  | 'credentials-refused'
  | 'wrong-secrets'
  | 'hub-refuses'
  | 'board-fault'
  | 'no-receipt';

export class BoardFailed extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.name = 'BoardFailed';
    this.kind = kind;
  }
}
