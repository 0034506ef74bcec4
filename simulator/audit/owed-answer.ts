// What the hub owes a board: an answer, in the moment in which it acknowledges a word, for both leave it after the same commit. In: what was heard between the two. Out: since when a word is acknowledged and
// not answered. Only the board's own last word is owed for: what somebody repeats under its number, once it is answered or on another connection, is acknowledged again and answered to nobody.

export interface OwedAnswer {
  /** A packet of the board; 0 for one that nobody acknowledges. */
  said(packetId: number): void;
  /** A new connection: what was said on the one before is not acknowledged any more. */
  connected(): void;
  acknowledged(packetId: number, atMs: number): void;
  answered(): void;
  /** The hub is gone, and what it owed with it. */
  gone(): void;
  /** `undefined` when nothing is owed. */
  sinceMs(): number | undefined;
}

export function owedAnswer(): OwedAnswer {
  let saidPacketId = 0;
  let owedPacketId = 0;
  let sinceMs: number | undefined;
  return {
    said: (packetId) => void (saidPacketId = packetId),
    connected: () => void (saidPacketId = 0),
    acknowledged(packetId, atMs) {
      if (packetId !== saidPacketId) return;
      owedPacketId = packetId;
      sinceMs = atMs;
    },
    answered() {
      if (sinceMs !== undefined && owedPacketId === saidPacketId) saidPacketId = 0;
      sinceMs = undefined;
    },
    gone: () => void (sinceMs = undefined),
    sinceMs: () => sinceMs,
  };
}
