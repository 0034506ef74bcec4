// The configuration of rails: what it takes, what it refuses and how, and that no secret is ever in what it says.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { stringify } from 'yaml';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configuredTerms } from '../../hub/configured-terms.ts';
import { parseRails, railsConfigIn, RailsRefused } from '../../hub/rails/config.ts';
import { configuredRails } from '../../hub/rails/configured.ts';
import { feeMicrosOf, RailUnavailable } from '../../hub/rails/rail.ts';
import { Secret } from '../../hub/rails/secret.ts';
import { selfSigned } from '../hub/certificate.ts';
import { erc20World } from './erc20-world.ts';
import { faultyServer } from './faulty-server.ts';
import { lndServer } from './lnd-server.ts';
import { paypalServer } from './paypal-server.ts';
import { testClock } from './rail-world.ts';
import { stripeServer } from './stripe-server.ts';
import { webhookReceiver } from './webhook-receiver.ts';

const HUSH = 'hushhushhushhushhushhushhushhush';
const KEY = `0x${'5'.repeat(64)}`;
const TOKEN = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
const WHSEC = `whsec_${Buffer.from(HUSH).toString('base64')}`;
const ENVIRONMENT = { WHSEC, STRIPE: `sk_test_${HUSH}`, MACAROON: 'ab'.repeat(40), KEY };

const webhook = { url: 'https://pay.example.com/hook', secrets: ['env:WHSEC'], currencies: ['EUR'] };
const stripe = { secretKey: 'env:STRIPE', currencies: ['EUR', 'JPY'] };
const collecting = { ...stripe, directions: ['collect'] };
const paypal = { clientId: HUSH, clientSecret: HUSH, currencies: ['EUR'] };
const lightning = { macaroon: 'env:MACAROON' };
const erc20 = {
  url: `https://node.example.com/v3/${HUSH}`,
  chainId: 1,
  privateKey: 'env:KEY',
  tokens: { USD: { address: TOKEN, decimals: 6 } },
};
const ALL = { webhook, stripe, paypal, lightning, erc20 };

function folderWith(files: Readonly<Record<string, string>>, mode = 0o600): string {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-rails-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), mode);
  }
  return folder;
}

async function refusal(config: unknown): Promise<string> {
  try {
    await parseRails('rails.yaml', typeof config === 'string' ? config : stringify(config), ENVIRONMENT);
    return 'taken';
  } catch (error) {
    if (error instanceof RailsRefused) return error.message;
    throw error;
  }
}

describe('the configuration of rails', () => {
  it('opens every rail that it names, from YAML and from JSON', async () => {
    for (const [name, text] of [
      ['rails.yaml', stringify(ALL)],
      ['rails.json', JSON.stringify(ALL)],
    ] as const) {
      const { rails } = await configuredRails(folderWith({ [name]: text }), ENVIRONMENT);
      expect(rails.map(({ rail }) => rail.name)).toEqual(['webhook', 'stripe', 'paypal', 'lightning', 'erc20']);
      for (const { rail, currencies } of rails)
        for (const currency of currencies) expect(rail.unitMicros(currency)).toBeGreaterThan(0);
    }
  });

  it('is empty where there is no file, with the defaults of an empty one', async () => {
    expect((await configuredRails(folderWith({}), {})).rails).toEqual([]);
    expect(await railsConfigIn(folderWith({}), {})).toEqual(await railsConfigIn(folderWith({ 'rails.json': '{}' }), {}));
  });

  it('wants a file that only its owner reads, and only one', async () => {
    await expect(railsConfigIn(folderWith({ 'rails.yaml': '{}' }, 0o644), {})).rejects.toThrow(
      /only its owner can read, got mode 644; run chmod 600/,
    );
    await expect(railsConfigIn(folderWith({ 'rails.yaml': '{}', 'rails.json': '{}' }), {})).rejects.toThrow(
      /expected one of them, got both/,
    );
  });

  it.each([
    [
      { ...ALL, stripes: {} },
      /^rails.yaml: stripes: expected one of the keys approval, thresholds, .*erc20, got "stripes"; did you mean stripe\?$/,
    ],
    [{ webhook: { ...webhook, secret: HUSH } }, /^rails.yaml: webhook.secret: .* got "secret"; did you mean secrets\?$/],
    [{ webhook: { ...webhook, fee: { fixed: 1 } } }, /^rails.yaml: webhook.fee.fixed: .* did you mean fixedMicros\?$/],
    [{ erc20: { ...erc20, tokens: { USD: { adress: TOKEN, decimals: 6 } } } }, /^rails.yaml: erc20.tokens.USD.address: /],
    [{ stripe: { ...stripe, collect: 'invoices' } }, /^rails.yaml: stripe.collect: .* got "collect"; did you mean collectBy\?$/],
    [{ stripe: { ...stripe, collectBy: 'invoices' } }, /^rails.yaml: stripe.collectBy: /],
    [{ stripe: { ...collecting, collectBy: 'invoice' } }, /^rails.yaml: stripe.collectBy: /],
    [
      { stripe: { ...collecting, collectBy: 'meter-events' } },
      /^rails.yaml: stripe.meters: expected, for each unit of your tariffs/,
    ],
    [
      { stripe: { ...collecting, collectBy: 'meter-events', meters: { vend: 'use', Wh: 'use' } } },
      /^rails.yaml: stripe.meters: expected a meter of its own for each unit/,
    ],
    [
      { stripe: { ...collecting, meters: { vend: 'use' } } },
      /^rails.yaml: stripe.meters: expected none unless collectBy is meter-events/,
    ],
    [{ webhook: { ...webhook, url: 'http://pay.example.com/' } }, /^rails.yaml: webhook.url: expected https/],
    [{ webhook: { ...webhook, url: 'https://169.254.169.254/' } }, /^rails.yaml: webhook.url: expected a public address/],
    [
      { webhook: { ...webhook, secrets: ['env:NOT_SET'] } },
      /^rails.yaml: webhook.secrets.0: expected the environment variable NOT_SET to be set/,
    ],
    [{ webhook: { ...webhook, secrets: [] } }, /^rails.yaml: webhook.secrets: expected one secret or more/],
    [{ webhook: { ...webhook, currencies: ['eur'] } }, /^rails.yaml: webhook.currencies.0: expected a currency/],
    [{ stripe: { ...stripe, secretKey: `pk_${HUSH}` } }, /^rails.yaml: stripe.secretKey: expected a secret or restricted key/],
    [
      { stripe: { ...stripe, directions: ['collect'], fee: { fixedMicros: -1 } } },
      /^rails.yaml: stripe.fee.fixedMicros: expected 0 or more/,
    ],
    [{ stripe: { ...stripe, url: 'http://stripe.example.com' } }, /^rails.yaml: stripe.url: expected https/],
    [{ paypal: { ...paypal, currencies: ['XTS'] } }, /^rails.yaml: paypal.currencies: expected currencies of PayPal's/],
    [{ lightning: { macaroon: HUSH } }, /^rails.yaml: lightning.macaroon: expected a macaroon in hex, got something else/],
    [
      { lightning: { ...lightning, certificate: '/nowhere/tls.cert' } },
      /^rails.yaml: lightning.certificate: expected the path of a PEM certificate/,
    ],
    [{ erc20: { ...erc20, privateKey: '0x12' } }, /^rails.yaml: erc20.privateKey: expected 0x and 64 hex digits/],
    [
      { erc20: { ...erc20, tokens: { USD: { address: TOKEN.replace('A0b', 'a0B'), decimals: 6 } } } },
      /^rails.yaml: erc20.tokens.USD.address: expected 0x and 40 hex digits whose capitals are right/,
    ],
    [{ erc20: { ...erc20, tokens: {} } }, /^rails.yaml: erc20.tokens: expected one token or more/],
    [{ thresholds: { bitcoin: { EUR: {} } } }, /^rails.yaml: thresholds/],
    [
      { thresholds: { sepa: { EUR: { minMicros: 1.5 } } } },
      /^rails.yaml: thresholds.sepa.EUR.minMicros: expected a whole number/,
    ],
    [`stripe:\n  secretKey: "${HUSH}\n  x: [`, /^rails.yaml: expected YAML or JSON, got an error in line \d+/],
  ])('refuses %j with one sentence and no secret', async (config, sentence) => {
    const said = await refusal(config);
    expect(said).toMatch(sentence);
    expect(said).not.toContain(HUSH);
    expect(said).not.toContain('\n');
  });

  it('shows no secret in any way of printing it', async () => {
    const config = await parseRails('rails.yaml', stringify(ALL), ENVIRONMENT);
    const secret = new Secret(HUSH);
    const texts = [
      JSON.stringify(config, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
      inspect(config, { depth: 9 }),
      String(secret),
      `${JSON.stringify({ secret })}`,
    ];
    for (const text of texts) for (const hidden of [HUSH, WHSEC, KEY, 'abababab']) expect(text).not.toContain(hidden);
    expect(texts.every((text) => text.includes('(secret)'))).toBe(true);
  });

  it('knows what rails cost unless it is told', async () => {
    const both = { ...ALL, stripe: { ...stripe, directions: ['pay', 'collect'] } };
    const feesOf = async (config: object): Promise<Record<string, number[]>> => {
      const { rails } = await configuredRails(folderWith({ 'rails.yaml': stringify(config) }), ENVIRONMENT);
      return Object.fromEntries(
        rails.map(({ rail }) => [rail.name, [1, 10, 100].map((whole) => feeMicrosOf(rail.fee, whole * 1_000_000))]),
      );
    };
    expect(await feesOf(ALL)).toEqual({
      webhook: [0, 0, 0],
      stripe: [252_500, 275_000, 500_000],
      paypal: [20_000, 200_000, 2_000_000],
      lightning: [1_005_000, 1_050_000, 1_500_000],
      erc20: [50_000, 50_000, 50_000],
    });
    expect(await feesOf(both)).toMatchObject({ stripe: [329_000, 590_000, 3_200_000] });
    const metered = { ...collecting, collectBy: 'meter-events', meters: { vend: 'vends' } };
    expect(await feesOf({ stripe: metered })).toEqual({ stripe: [0, 0, 0] });
    expect(await feesOf({ stripe: { ...collecting, collectBy: 'invoices' } })).toMatchObject({
      stripe: [329_000, 590_000, 3_200_000],
    });
    expect(await feesOf({ webhook: { ...webhook, fee: { fixedMicros: 7 } } })).toEqual({ webhook: [7, 7, 7] });
  });
});

describe('the terms of settlement', () => {
  it('are those of the file, and where it says nothing the usual ones', async () => {
    const config = { webhook, approval: 'required', watchDays: 60, thresholds: { webhook: { EUR: { minMicros: 5_000_000 } } } };
    const terms = await configuredTerms(folderWith({ 'rails.yaml': stringify(config) }), ENVIRONMENT, []);
    expect([...terms.rails.keys()]).toEqual(['webhook']);
    expect(terms).toMatchObject({ approval: 'required', watchSeconds: 60 * 86_400, retryAfterSeconds: 86_400 });
    expect(terms.thresholdOf('webhook', 'EUR')).toEqual({ minMicros: 5_000_000, maxFeeShareMillionths: 10_000 });
    expect(terms.thresholdOf('webhook', 'USD')).toEqual({ minMicros: 0, maxFeeShareMillionths: 10_000 });
    expect(await configuredTerms(folderWith({}), {}, [])).toMatchObject({ approval: 'none', rails: new Map() });
  });
});

describe('a probe', () => {
  const probeOf = async (config: object): Promise<string> => {
    const [configured] = (await configuredRails(folderWith({ 'rails.yaml': stringify(config) }), ENVIRONMENT)).rails;
    return (configured?.probe() ?? Promise.resolve('no rail')).catch((error: unknown) => {
      if (error instanceof RailUnavailable) return `not there: ${error.message}`;
      throw error;
    });
  };

  it('says what it has found, moves nothing and sees a wrong key', async () => {
    const clock = testClock();
    const [receiver, shop, bank, node] = [
      webhookReceiver(WHSEC),
      stripeServer(clock.nowMs, ENVIRONMENT.STRIPE),
      paypalServer(Date.now, `${HUSH}:${HUSH}`),
      lndServer(ENVIRONMENT.MACAROON),
    ];
    const doors = await Promise.all([receiver, shop, bank, node].map((server) => faultyServer(server)));
    onTestFinished(async () => void (await Promise.all(doors.map((door) => door.close()))));
    const [hookUrl, stripeUrl, paypalUrl, lndUrl] = doors.map(({ url }) => url);
    expect(await probeOf({ webhook: { ...webhook, url: `${hookUrl}/`, allow: ['127.0.0.1'] } })).toMatch(
      /answers \(401 to GET\)/,
    );
    expect(await probeOf({ stripe: { ...stripe, url: stripeUrl } })).toMatch(/the key is taken/);
    expect(await probeOf({ stripe: { ...stripe, url: stripeUrl, secretKey: 'sk_test_wrong' } })).toMatch(
      /^not there: stripe: StripeAuthenticationError/,
    );
    expect(await probeOf({ paypal: { ...paypal, url: paypalUrl } })).toMatch(/the client is taken/);
    expect(await probeOf({ paypal: { ...paypal, url: paypalUrl, clientSecret: 'another-one' } })).toMatch(
      /^not there: paypal: gave no token/,
    );
    expect(await probeOf({ lightning: { ...lightning, url: lndUrl, network: 'bcrt' } })).toMatch(/on regtest/);
    expect(await probeOf({ lightning: { ...lightning, url: lndUrl } })).toMatch(
      /^not there: lightning: expected a node of mainnet, got one of regtest/,
    );
    expect(await probeOf({ lightning: { ...lightning, url: lndUrl, macaroon: 'cd'.repeat(40) } })).toMatch(
      /^not there: lightning: the node does not say/,
    );
    expect(await probeOf({ lightning: { ...lightning, url: 'http://127.0.0.1:1' } })).toMatch(
      /^not there: http:\/\/127.0.0.1:1: no answer \(ECONNREFUSED\)/,
    );
    expect([receiver, shop, bank, node].flatMap(({ moved }) => moved)).toEqual([]);
  });

  it('sees a token with other decimals, another chain, and a contract of somebody else', async () => {
    const world = await erc20World(testClock(), 'contract');
    onTestFinished(() => world.close());
    const { address, contract } = world.options.tokens.USD as { address: string; contract: string };
    const key = `0x${'1'.repeat(64)}`;
    const base = {
      url: `${world.door.url}/`,
      chainId: 1,
      privateKey: key,
      tokens: { USD: { address: getAddressOf(address), decimals: 18, contract: getAddressOf(contract) } },
    };
    expect(await probeOf({ erc20: base })).toMatch(/^chain 1, block \d+, wallet 0x/);
    expect(await probeOf({ erc20: { ...base, chainId: 10 } })).toMatch(/expected a node of chain 10, got one of chain 1/);
    expect(await probeOf({ erc20: { ...base, privateKey: KEY } })).toMatch(
      /tokens.USD.contract: expected one that this wallet has deployed/,
    );
    expect(await probeOf({ erc20: { ...base, tokens: { USD: { ...base.tokens.USD, decimals: 6 } } } })).toMatch(
      /tokens.USD.decimals: expected 18, as the token says, got 6/,
    );
  });

  it('takes a certificate from a file', async () => {
    const certificate = selfSigned();
    const door = await faultyServer(lndServer(ENVIRONMENT.MACAROON), certificate);
    onTestFinished(() => door.close());
    const path = join(folderWith({ 'tls.cert': certificate.cert }), 'tls.cert');
    expect(await probeOf({ lightning: { ...lightning, url: door.url, network: 'bcrt', certificate: path } })).toMatch(
      /on regtest/,
    );
  });
});

/** The chain of the tests says addresses in small letters. */
function getAddressOf(address: string): string {
  return address.toLowerCase();
}
