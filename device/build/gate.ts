import type { Finding } from './refused.ts';
export function gate(_code: string, _file: string): Finding[] {
  return [];
}
