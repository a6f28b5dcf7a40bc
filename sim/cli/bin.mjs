#!/usr/bin/env -S node --max-semi-space-size=256 --min-semi-space-size=32
import { start } from './start.mjs';

await start('sim/cli/main.ts');
