// Runs on the interpreter: the fast signer with its small point engine.

import { loopEngine } from '../../device/ed25519loops.ts';
import { signAll } from './fastonboard.ts';

signAll(loopEngine);
