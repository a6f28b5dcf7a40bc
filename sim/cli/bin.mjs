#!/usr/bin/env -S node --max-semi-space-size=64
import { start } from './bundle.mjs';

await start('sim/cli/main.ts');
