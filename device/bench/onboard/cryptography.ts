// Never run: bundled, its size is what the firmware spends on signatures and on verifying them. In: nothing. Out: the functions, so that the bundler keeps them.

import { beginPublicKey, beginSignature, beginVerdict } from '../../ed25519.ts';
import { espruinoNative } from '../../espruino-native.ts';

declare const global: { bench?: unknown };

global['bench'] = [beginSignature, beginPublicKey, beginVerdict, espruinoNative];
