// The page: everything that an operator has typed is text in it, and it fetches nothing.

import { expect, test } from 'vitest';
import { pageOf } from '../../cli/insight-page.ts';
import { idleDevices } from '../../hub/insight/idle.ts';
import { peaksOf } from '../../hub/insight/peaks.ts';
import { revenueBy } from '../../hub/insight/revenue.ts';
import { scopeOf } from '../../hub/insight/scope.ts';
import { openShop } from './shop.ts';

test('names are text and never markup', () => {
  const shop = openShop();
  shop.add({ label: '<b>one', place: { site: '<script>alert(1)</script>', product: '"tea" & \'milk\'' } });
  shop.add({ label: '<i>idle', place: { site: 'yard' } });
  shop.sell('<b>one', 2, 0);
  shop.draw(0);
  const scope = scopeOf(shop.store, {});
  const html = pageOf({
    head: { from: 'a', to: 'b', zone: 'UTC' },
    revenues: (['day', 'site', 'product', 'device'] as const).map((by) => [by, revenueBy(shop.store, scope, by)] as const),
    peaks: peaksOf(shop.store, scope, 0).peaks,
    idle: idleDevices(shop.store, { days: 7, nowSeconds: 0 }),
    idleDays: 7,
    notes: ['<note>'],
  });
  for (const tag of ['<script', '<b>', '<i>idle', '<note>', 'http']) expect(html).not.toContain(tag);
  for (const text of [
    '&#60;script&#62;alert(1)',
    '&#60;b&#62;one',
    '&#60;i&#62;idle',
    '&#34;tea&#34; &#38; &#39;milk&#39;',
    '0.02 EUR',
  ])
    expect(html).toContain(text);
});
