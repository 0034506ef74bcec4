// What provisioning writes and a board reads at boot: who it is, its secrets, whom it pays and how it measures. Plain JSON: texts, integers,
// bytes as lower-case hex. Made on the operator's machine, because a board has no entropy. It must never travel over the network.

import type { DeviceId } from './identity.ts';

/** A timer stands in for a meter where a board has no pins. */
export interface TimerMeter {
  readonly kind: 'timer';
  readonly everyMs: number;
  readonly units: number;
}

/** Falling edges on a pin, each worth so many units. */
export interface PulseMeter {
  readonly kind: 'pulse';
  readonly pin: string;
  readonly unitsPerPulse: number;
  readonly debounceMs: number;
}

/** A pin that is pulled up, and low while something happens. */
export interface InputConfig {
  readonly pin: string;
  readonly debounceMs: number;
}

/** The three signals of a vending machine's MDB interface: a request to approve, then how the vend ended. */
export interface VendMeter {
  readonly kind: 'vend';
  readonly requestPin: string;
  readonly successPin: string;
  /** Without it only the time-out tells a failure. */
  readonly failurePin?: string;
  readonly debounceMs: number;
  /** A vend without an end by then has failed. */
  readonly timeoutMs: number;
  readonly unitsPerVend: number;
}

export type MeterConfig = TimerMeter | PulseMeter | VendMeter;

/** What the profile switches: a relay, a valve, an approval. */
export interface OutputConfig {
  readonly pin: string;
  /** On means low, as most relay boards have it. */
  readonly activeLow: boolean;
}

export interface WifiConfig {
  readonly ssid: string;
  readonly password: string;
  /** Who tells the board the time; the clock is for people and certificates, and no money depends on it. */
  readonly sntp?: string;
}

export interface DeviceConfig {
  readonly device: DeviceId;
  /** The Ed25519 seed (RFC 8032), 32 bytes as hex: the board's secret. */
  readonly seed: string;
  /** 32 bytes as hex. */
  readonly publicKey: string;
  /** 32 bytes as hex: authenticates what the hub says. */
  readonly macKey: string;
  /** The MQTT password; the user name and the client id are the device id. */
  readonly password: string;
  /** 8 bytes as hex. */
  readonly hub: string;
  readonly host: string;
  readonly port: number;
  /** The topics' first level. */
  readonly root: string;
  /** Without it, or on a board without Wi-Fi, the link connects directly. */
  readonly wifi?: WifiConfig;
  /** The link goes through TLS. The certificate by which the hub's is to be judged, as base64 of its DER, or '' for none: Espruino takes it and judges nothing. */
  readonly tls?: string;
  /** 8 bytes as hex: the account that is credited. */
  readonly payee: string;
  /** 16 bytes as hex. */
  readonly tariff: string;
  readonly limitUnits: number;
  readonly chainUnits: number;
  readonly profile: string;
  readonly meter: MeterConfig;
  readonly output?: OutputConfig;
  /** Starts and stops a charge. */
  readonly button?: InputConfig;
  /** The board serves only as far as the hub has granted [W-30], and waits for its first grant. */
  readonly prepaid?: boolean;
  /** A prepaid balance at or below it is told as low; a twentieth of a channel unless given. */
  readonly lowBalanceUnits?: number;
  /** New units wait at most so long for their voucher; 0: every pulse is sent at once. */
  readonly issueEveryMs: number;
  readonly keepaliveSeconds: number;
}
