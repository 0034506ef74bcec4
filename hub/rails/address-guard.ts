// Where a webhook may go: a guard against requests that the hub could be made to send into its own network. In: an address that somebody has configured. Out: the one network address to connect to,
// or a sentence. The name is resolved once and the connection goes to what was checked, so that a name cannot lead elsewhere in between.

import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

export type Resolve = (host: string) => Promise<readonly string[]>;

export const resolveByDns: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** Hosts, or hosts with ports, that may be reached without TLS and in the hub's own network, because the operator has said so. */
export type AllowedHosts = readonly string[];

/** What can be said of an address without asking anyone; `undefined`: nothing against it. */
export function addressFault(url: URL, allowed: AllowedHosts): string | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `expected https://..., got ${url.protocol}//...`;
  if (url.username !== '' || url.password !== '') return 'expected no name or password within the address';
  if (isAllowed(url, allowed)) return undefined;
  if (url.protocol === 'http:') return `expected https, or "${url.host}" among the allowed hosts, got http`;
  const host = hostOf(url);
  if (ipaddr.isValid(host) && !isPublic(host))
    return `expected a public address, or "${url.host}" among the allowed hosts, got ${host}`;
  return undefined;
}

/** Throws a sentence where none of it may be reached: one private address among public ones is enough. */
export async function guardedAddress(url: URL, allowed: AllowedHosts, resolve: Resolve): Promise<string> {
  const fault = addressFault(url, allowed);
  if (fault !== undefined) throw new Error(fault);
  const host = hostOf(url);
  const addresses = ipaddr.isValid(host) ? [host] : await resolve(host);
  const [first] = addresses;
  if (first === undefined) throw new Error(`expected an address for ${host}, got none`);
  const inner = isAllowed(url, allowed) ? undefined : addresses.find((address) => !isPublic(address));
  if (inner !== undefined)
    throw new Error(`expected ${host} to lead to public addresses, or to be among the allowed hosts, got ${inner}`);
  return first;
}

function isAllowed(url: URL, allowed: AllowedHosts): boolean {
  return allowed.includes(url.host) || allowed.includes(hostOf(url)) || allowed.includes(url.hostname);
}

/** IPv6 without its brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** IPv6 addresses that stand for IPv4 ones are judged as those; translated and tunnelled ones (NAT64, 6to4, Teredo) are none of `unicast`. */
function isPublic(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  return ipaddr.process(text).range() === 'unicast';
}
