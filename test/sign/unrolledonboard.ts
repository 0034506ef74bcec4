// Runs on the interpreter: the fast signer with its unrolled point engine.

import { unrolledEngine } from '../../device/ed25519unrolled.ts';
import { signAll } from './fastonboard.ts';

signAll(unrolledEngine);
