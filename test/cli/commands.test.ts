// Loading the room of one command only: asked for by its name every command is there, with the same options and commands of its own as in the whole program.

import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addCommands } from '../../cli/commands.ts';

const whole = await programFor(undefined);

async function programFor(firstWord: string | undefined): Promise<Command> {
  const program = new Command('tallystick').enablePositionalOptions();
  await addCommands(program, firstWord);
  return program;
}

function namesIn(program: Command): string[] {
  return program.commands.map((command) => command.name());
}

describe('a command asked for by name', () => {
  it.each(namesIn(whole))('%s is the one of the whole program', async (name) => {
    const [program, here] = [await programFor(name), whole.commands.find((command) => command.name() === name)];
    const alone = program.commands.find((command) => command.name() === name);
    expect(alone?.helpInformation()).toBe(here?.helpInformation());
    expect(namesIn(program).length).toBeLessThanOrEqual(2);
  });
});

it('loads all of them for a word that is none, so that it can say which was meant', async () => {
  expect(namesIn(await programFor('statsu'))).toEqual(namesIn(whole));
});
