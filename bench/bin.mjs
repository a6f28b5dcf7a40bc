#!/usr/bin/env -S node --max-semi-space-size=64
import { start } from '../sim/cli/bundle.mjs';

await start('bench/main.ts');
