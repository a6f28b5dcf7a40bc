/** The api suite: what the API machinery of Kubernetes 1.34.1 answered, family by family, against core/api and core/apiserver. */
import { z } from 'zod';
import { nearest } from '../../../core/api/nearest.ts';
import { ConformanceInputError, parseCases } from '../input.ts';
import type { Suite } from '../run.ts';
import { admissionFamily } from './admission.ts';
import { cronFamily } from './cron.ts';
import { defaultingFamily } from './defaulting.ts';
import type { Family } from './family.ts';
import { jsonPatchFamily } from './json-patch.ts';
import { namesFamily } from './names.ts';
import { printersFamily } from './printers.ts';
import { quantityFamily } from './quantity.ts';
import { rbacFamily } from './rbac.ts';
import { selectorsFamily } from './selectors.ts';
import { serverSideApplyFamily } from './server-side-apply.ts';
import { strategicMergePatchFamily } from './strategic-merge-patch.ts';
import { validationFamily } from './validation.ts';

const families: readonly Family[] = [
  admissionFamily,
  cronFamily,
  defaultingFamily,
  jsonPatchFamily,
  namesFamily,
  printersFamily,
  quantityFamily,
  rbacFamily,
  selectorsFamily,
  serverSideApplyFamily,
  strategicMergePatchFamily,
  validationFamily,
];

const file = z.looseObject({ family: z.string(), cases: z.array(z.record(z.string(), z.unknown())) });

export const apiSuite: Suite = {
  name: 'api',
  *run(fileText, fileName) {
    const { family: name, cases } = parseCases(fileText, fileName, file);
    const family = families.find((known) => known.name === name);
    if (family === undefined) throw new ConformanceInputError(`${fileName}: family: ${unknown(name)}`);
    for (const { name: about, difference } of family.answer(cases))
      yield { name: `${name}: ${about}`, passed: difference === undefined, difference };
  },
};

function unknown(name: string): string {
  const near = nearest(
    name,
    families.map((family) => family.name),
  );
  return `${JSON.stringify(name)} is not known${near === undefined ? '' : `: did you mean ${near}?`}`;
}
