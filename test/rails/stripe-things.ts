// What the parts of the local Stripe share: objects, forms and answers. In: what was asked. Out: answers as the reference has them.

import type { Answered, Asked } from './faulty-server.ts';

export type Form = Readonly<Record<string, string>>;

export interface Thing {
  id: string;
  amount: number;
  currency: string;
  created: number;
  metadata: Form;
  status?: string;
  [field: string]: unknown;
}

export function metadataOf(form: Form): Form {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) => (/^metadata\[/.test(name) ? [[name.slice(9, -1), value]] : [])),
  );
}

export function formOf(asked: Asked): Form {
  return Object.fromEntries([...asked.url.searchParams, ...new URLSearchParams(asked.body)]);
}

/** The newest first; a page of `limit`, after `starting_after`. */
export function listed(things: ReadonlyArray<{ readonly id?: string }>, form: Form): Answered {
  const newestFirst = [...things].reverse();
  const from = form.starting_after === undefined ? 0 : newestFirst.findIndex(({ id }) => id === form.starting_after) + 1;
  const limit = Number(form.limit ?? 10);
  const data = newestFirst.slice(from, from + limit);
  return ok({ object: 'list', data, has_more: from + limit < newestFirst.length, url: '/v1/list' });
}

export function ok(body: object): Answered {
  return { status: 200, body: JSON.stringify(body) };
}

export function failed(status: number, error: object): Answered {
  return { status, body: JSON.stringify({ error }) };
}

export function missing(what: string): Answered {
  return failed(404, { type: 'invalid_request_error', code: 'resource_missing', message: `No such ${what}` });
}

export function invalid(message: string): Answered {
  return failed(400, { type: 'invalid_request_error', message });
}
