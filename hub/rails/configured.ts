// The rails that an operator has configured, opened. In: the hub's folder, the environment and the world. Out: rails, the currencies that each was configured for, and how to find out whether what
// they talk to is there. Opening one talks to nobody.

import type { RailWorld } from './attempts.ts';
import { resolveByDns } from './address-guard.ts';
import type { RailsConfig } from './config.ts';
import { railsConfigIn } from './config.ts';
import { erc20Rail } from './erc20.ts';
import { lightningRail } from './lightning.ts';
import { paypalRail } from './paypal.ts';
import * as probes from './probes.ts';
import type { Rail } from './rail.ts';
import type { Environment } from './secret.ts';
import { openSepa } from './sepa.ts';
import { stripeRail } from './stripe.ts';
import { webhookRail } from './webhook.ts';

export interface ConfiguredRail {
  readonly rail: Rail;
  readonly currencies: readonly string[];
  /** What it has found there; throws `RailUnavailable` where it has found nothing, or the wrong thing. It moves no money. */
  readonly probe: () => Promise<string>;
}

export const REAL_WORLD: RailWorld = { nowMs: Date.now, random: Math.random };

export function configuredRails(
  dataDir: string,
  environment: Environment,
  world: RailWorld = REAL_WORLD,
): { readonly config: RailsConfig; readonly rails: readonly ConfiguredRail[] } {
  const config = railsConfigIn(dataDir, environment);
  const { sepa, webhook, stripe, paypal, lightning, erc20 } = config;
  const rails: ConfiguredRail[] = [];
  if (sepa !== undefined) {
    const rail = openSepa(sepa, dataDir, () => Math.floor(world.nowMs() / 1000));
    rails.push({ rail, currencies: ['EUR'], probe: () => Promise.resolve('files, carried to the bank by people') });
  }
  if (webhook !== undefined) {
    const rail = webhookRail(webhook, world, resolveByDns);
    rails.push({ rail, currencies: webhook.currencies, probe: () => probes.webhook(webhook, resolveByDns) });
  }
  if (stripe !== undefined)
    rails.push({ rail: stripeRail(stripe, world), currencies: stripe.currencies, probe: () => probes.stripe(stripe) });
  if (paypal !== undefined)
    rails.push({ rail: paypalRail(paypal, world), currencies: paypal.currencies, probe: () => probes.paypal(paypal, world) });
  if (lightning !== undefined)
    rails.push({ rail: lightningRail(lightning, world), currencies: ['SAT'], probe: () => probes.lightning(lightning) });
  if (erc20 !== undefined)
    rails.push({ rail: erc20Rail(erc20, world), currencies: Object.keys(erc20.tokens), probe: () => probes.erc20(erc20) });
  return { config, rails };
}
