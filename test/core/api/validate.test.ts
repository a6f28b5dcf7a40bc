/** Aim: validation has a verdict on whatever the decoder lets through. Method: recorded manifests, with one place gone or null. */
import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { withDefaults } from '../../../core/api/defaults.ts';
import { resourceOfKind } from '../../../core/api/kinds.ts';
import { validateCreate, validateUpdate } from '../../../core/api/validate.ts';
import { warningsOfCreate } from '../../../core/api/warnings/warnings.ts';
import { damagedManifest, recordedCases } from './damaged-manifest.ts';

const manifests = recordedCases('validation').flatMap(({ in: created, new: updated }) =>
  [created, updated].filter((manifest) => manifest !== undefined),
);
const damaged = damagedManifest(manifests, { minLength: 1, maxLength: 1 });

test.prop([damaged], { numRuns: 1000 })(
  'a manifest of the right shape gets a verdict, whatever it lacks',
  (object) => {
    const info = resourceOfKind(object.apiVersion, object.kind);
    if (info === undefined) throw new Error(`no ${object.kind}`);
    const complete = withDefaults(object);
    const errors = validateCreate(info, complete);
    expect(Array.isArray(errors)).toBe(true);
    expect(Array.isArray(validateUpdate(info, complete, withDefaults(structuredClone(complete))))).toBe(true);
    if (errors.length === 0) expect(Array.isArray(warningsOfCreate(info.resource, complete))).toBe(true);
  },
);
