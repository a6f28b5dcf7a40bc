/** The api suite: what the API machinery of Kubernetes 1.34.1 answered, family by family, against core/api and core/apiserver. */
import { admissionFamily } from './admission.ts';
import { cronFamily } from './cron.ts';
import { defaultingFamily } from './defaulting.ts';
import { familySuite } from '../family.ts';
import { jsonPatchFamily } from './json-patch.ts';
import { namesFamily } from './names.ts';
import { printersFamily } from './printers.ts';
import { quantityFamily } from './quantity.ts';
import { rbacFamily } from './rbac.ts';
import { selectorsFamily } from './selectors.ts';
import { serverSideApplyFamily } from './server-side-apply.ts';
import { strategicMergePatchFamily } from './strategic-merge-patch.ts';
import { validationFamily } from './validation.ts';

export const apiSuite = familySuite('api', [
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
]);
