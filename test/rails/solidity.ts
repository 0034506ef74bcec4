// Solidity sources, compiled by solc in this process. In: a file of this project. Out: the bytecode that deploys its contract, and how it is spoken to.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import solc from 'solc';
import type { Abi } from 'viem';
import { ROOT } from '../tidy/sources.ts';
import type { Hex } from '../../hub/rails/evm-rpc.ts';

interface Compiled {
  readonly abi: Abi;
  readonly bytecode: Hex;
}

const compile = (solc as { compile: (input: string) => string }).compile;

export function compiled(path: string, name: string): Compiled {
  const sources = { [path]: { content: readFileSync(join(ROOT, path), 'utf8') } };
  const settings = {
    evmVersion: 'shanghai',
    optimizer: { enabled: true },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  };
  const output = JSON.parse(compile(JSON.stringify({ language: 'Solidity', sources, settings }))) as {
    errors?: { severity: string; formattedMessage: string }[];
    contracts?: Record<string, Record<string, { abi: Abi; evm: { bytecode: { object: string } } }>>;
  };
  for (const { severity, formattedMessage } of output.errors ?? []) if (severity === 'error') throw new Error(formattedMessage);
  const contract = output.contracts?.[path]?.[name];
  if (contract === undefined) throw new Error(`expected contract ${name} in ${path}`);
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}
