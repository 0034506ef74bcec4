// Every command and the room that defines it. In: the first word of the command line. Out: the program, knowing that command. A room is loaded when its command is asked for: one command's start shall not wait for the
// packages of all others (a program that draws statements needs no MQTT broker). Without a known first word all are loaded, in the order of this list: that is the help's order.

import type { Command } from 'commander';

type AddCommands = (program: Command) => void;

interface Room {
  readonly commands: readonly string[];
  readonly load: () => Promise<AddCommands>;
}

const ROOMS: readonly Room[] = [
  { commands: ['start'], load: async () => (await import('./start.ts')).addStartCommand },
  { commands: ['hub'], load: async () => (await import('./hub.ts')).addHubCommand },
  { commands: ['device'], load: async () => (await import('./device.ts')).addDeviceCommands },
  { commands: ['tariff'], load: async () => (await import('./tariff.ts')).addTariffCommands },
  { commands: ['simulate'], load: async () => (await import('./simulate.ts')).addSimulateCommand },
  { commands: ['account'], load: async () => (await import('./account.ts')).addAccountCommands },
  { commands: ['statement'], load: async () => (await import('./statement.ts')).addStatementCommand },
  { commands: ['settle'], load: async () => (await import('./settle.ts')).addSettleCommand },
  { commands: ['evidence', 'verify'], load: async () => (await import('./evidence.ts')).addEvidenceCommands },
  { commands: ['status'], load: async () => (await import('./status.ts')).addStatusCommand },
  { commands: ['audit', 'checkpoint'], load: async () => (await import('./audit.ts')).addAuditCommands },
  { commands: ['person'], load: async () => (await import('./person.ts')).addPersonCommands },
  { commands: ['quarantine'], load: async () => (await import('./quarantine.ts')).addQuarantineCommands },
  { commands: ['rails'], load: async () => (await import('./rails.ts')).addRailsCommands },
  { commands: ['deliveries'], load: async () => (await import('./deliveries.ts')).addDeliveriesCommands },
  { commands: ['insight'], load: async () => (await import('./insight.ts')).addInsightCommands },
  { commands: ['retention'], load: async () => (await import('./retention.ts')).addRetentionCommands },
];

export async function addCommands(program: Command, firstWord: string | undefined): Promise<void> {
  const asked = ROOMS.filter(({ commands }) => firstWord !== undefined && commands.includes(firstWord));
  const adds = await Promise.all((asked.length > 0 ? asked : ROOMS).map(({ load }) => load()));
  for (const add of adds) add(program);
}
