// One process of many that run seeds of one scenario. In: seeds, as the process that started it gives them. Out: each one's line.

import { joinCrew } from './crew.ts';
import { loadScenario } from './scenario-file.ts';
import type { SeedLine, SeedsGround } from './seeds.ts';
import { runSeed } from './seeds.ts';

joinCrew((ground: SeedsGround) => {
  const scenario = loadScenario(ground.source);
  return (seed: number): Promise<SeedLine> => runSeed(scenario, ground, seed, () => false);
});
