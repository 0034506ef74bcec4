// The rails that an operator has configured, opened. In: the hub's folder, the environment and the world. Out: rails, the currencies that each was configured for, and how to find out whether what
// they talk to is there. Opening one talks to nobody; and only what is configured is loaded, because the providers' libraries cost a second.

import type { RailWorld } from './attempts.ts';
import { railsConfigIn } from './config.ts';
import type { RailsConfig } from './config-schema.ts';
import type { Rail } from './rail.ts';
import type { Environment } from './secret.ts';

export interface ConfiguredRail {
  readonly rail: Rail;
  readonly currencies: readonly string[];
  /** What it has found there; throws `RailUnavailable` where it has found nothing, or the wrong thing. It moves no money. */
  readonly probe: () => Promise<string>;
}

export interface ConfiguredRails {
  readonly config: RailsConfig;
  readonly rails: readonly ConfiguredRail[];
}

const REAL_WORLD: RailWorld = { nowMs: Date.now, random: Math.random };

export async function configuredRails(
  dataDir: string,
  environment: Environment,
  world: RailWorld = REAL_WORLD,
): Promise<ConfiguredRails> {
  const config = await railsConfigIn(dataDir, environment);
  const { sepa, webhook, stripe, paypal, lightning, erc20 } = config;
  const rails: ConfiguredRail[] = [];
  if (sepa !== undefined) rails.push(await bank(sepa, dataDir, world));
  if (webhook !== undefined) rails.push(await service(webhook, world));
  if (stripe !== undefined) {
    const { stripeRail, probeStripe } = await import('./stripe.ts');
    rails.push({ rail: stripeRail(stripe, world), currencies: stripe.currencies, probe: () => probeStripe(stripe) });
  }
  if (paypal !== undefined) {
    const { paypalRail, probePaypal } = await import('./paypal.ts');
    rails.push({ rail: paypalRail(paypal, world), currencies: paypal.currencies, probe: () => probePaypal(paypal, world) });
  }
  if (lightning !== undefined) {
    const { lightningRail, probeLightning } = await import('./lightning.ts');
    rails.push({ rail: lightningRail(lightning, world), currencies: ['SAT'], probe: () => probeLightning(lightning) });
  }
  if (erc20 !== undefined) {
    const { erc20Rail, probeErc20 } = await import('./erc20.ts');
    rails.push({ rail: erc20Rail(erc20, world), currencies: Object.keys(erc20.tokens), probe: () => probeErc20(erc20) });
  }
  return { config, rails };
}

async function bank(config: NonNullable<RailsConfig['sepa']>, dataDir: string, world: RailWorld): Promise<ConfiguredRail> {
  const { openSepa } = await import('./sepa.ts');
  const rail = openSepa(config, dataDir, () => Math.floor(world.nowMs() / 1000));
  return { rail, currencies: ['EUR'], probe: () => Promise.resolve('files, carried to the bank by people') };
}

async function service(config: NonNullable<RailsConfig['webhook']>, world: RailWorld): Promise<ConfiguredRail> {
  const [{ webhookRail, probeWebhook }, { resolveByDns }] = await Promise.all([
    import('./webhook.ts'),
    import('./address-guard.ts'),
  ]);
  return {
    rail: webhookRail(config, world, resolveByDns),
    currencies: config.currencies,
    probe: () => probeWebhook(config, resolveByDns),
  };
}
