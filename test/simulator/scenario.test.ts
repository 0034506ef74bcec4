// Scenario files: the examples are good, mistakes get a sentence that names the field, and a scenario that is written down reads the same.

import { describe, expect, it } from 'vitest';
import { exampleNames, loadScenario, parseText, ScenarioRefused } from '../../simulator/scenario-file.ts';
import { scenarioText } from '../../simulator/scenario-text.ts';

const SMALL = `
name: small
duration: 1h
groups:
  - { name: a, profile: sensor, count: 2, behaviour: { kind: interval, every: 5m } }
`;
const PREPAID = 'kind: prepaid, currency: EUR';
const withTariff = (tariff: string): string => SMALL.replace('every: 5m }', `every: 5m }, tariff: ${tariff}`);

describe('examples', () => {
  it('are there', () => {
    const wanted = ['bad-day', 'bad-month', 'charging-park', 'festival-peak', 'sensor-field', 'vending-chain'];
    expect(exampleNames()).toEqual(expect.arrayContaining(wanted));
  });

  it.each(exampleNames())('%s can be read, and reads the same when it is written down', (name) => {
    const scenario = loadScenario(name);
    expect(parseText(scenarioText(scenario))).toEqual({ kind: 'scenario', scenario });
  });
});

describe('mistakes', () => {
  it.each([
    ['no duration', SMALL.replace('duration: 1h', ''), /^duration: /],
    ['a duration without a unit', SMALL.replace('1h', '"60"'), /^duration: expected a duration such as 500ms, .* got "60"$/],
    ['a misspelt fault', `${SMALL}faults: { hubKil: { perDay: 3 } }`, /^faults: there is no field "hubKil" here/],
    ['a misspelt field in a group', SMALL.replace('count: 2', 'cuont: 2, count: 2'), /^groups\[0\]: there is no field "cuont"/],
    ['a share above one', `${SMALL}network: { loss: 2 }`, /^network\.loss: /],
    ['an unknown behaviour', SMALL.replace('interval', 'sometimes'), /^groups\[0\]\.behaviour/],
    ['two groups of one name', SMALL + SMALL.slice(SMALL.indexOf('  - {')), /^groups: expected each name once, got "a" twice$/],
    ['no fleet', SMALL.replace(/groups:[^]*$/, 'groups: []'), /^groups: /],
    ['a tariff without a price', withTariff('{ currency: EUR, unit: message }'), /^groups\[0\]\.tariff: price: expected a price/],
    [
      'a misspelt field of a price',
      withTariff('{ currency: EUR, unit: x, priceMicros: 1, per: 3 }'),
      /^groups\[0\]\.tariff: .*"per"/,
    ],
    [
      'a period without a zone',
      withTariff('{ currency: EUR, unit: x, price: 1, periods: [{ from: "07:00", price: 2 }] }'),
      /^groups\[0\]\.tariff: zone: expected the time zone/,
    ],
    ['an account that nobody pays from', `${SMALL}accounts: [{ payer: x, ${PREPAID} }]`, /^accounts\[0\]\.payer: .* got "x"$/],
    [
      'a prepaid account with credit',
      `${SMALL}accounts: [{ payer: customer, ${PREPAID}, creditMicros: 5 }]`,
      /^accounts\[0\]\.creditMicros: expected none/,
    ],
    [
      'a budget of a device that is not there',
      `${SMALL}accounts: [{ payer: customer, ${PREPAID}, budgets: [{ device: a-3, limitMicros: 1 }] }]`,
      /^accounts\[0\]\.budgets\[0\]\.device: .* got "a-3"$/,
    ],
    ['a rail to a payee that is not there', `${SMALL}rails: [{ name: stripe, payees: [x] }]`, /^rails\[0\]\.payees: .* got "x"$/],
    ['no YAML', 'name: [', /line 1|Flow sequence/],
  ])('%s', (_what, text, sentence) => {
    const parsed = parseText(text);
    if (parsed.kind === 'scenario') return expect.fail('the mistake was taken for a scenario');
    expect(parsed.faults.join('\n')).toMatch(new RegExp(sentence.source, 'm'));
  });

  it('a file that is not there: the sentence names the examples', () => {
    expect(() => loadScenario('nowhere')).toThrow(ScenarioRefused);
    expect(() => loadScenario('nowhere')).toThrow(/expected a scenario file or one of bad-day, .*got "nowhere"/);
  });
});
