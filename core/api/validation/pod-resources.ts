/** What a Pod as a whole asks for. (kubernetes v1.34.1 pkg/apis/core/validation/validation.go, validatePodResources) */
import { forbidden, invalidValue, unsupported } from '../field-error.ts';
import type { PodSpec, Quantity } from '../generated/types.ts';
import { addQuantities, compareQuantities, quantityText } from '../../text/quantity.ts';
import { containersOf } from './container.ts';
import type { Errors } from './fields.ts';
import { checkResourceName, isHugePage } from './resource-names.ts';
import { checkResources } from './resources.ts';

export function checkPodResources(errors: Errors, field: string, spec: PodSpec): void {
  const { resources } = spec;
  if (resources === undefined) return;
  if (resources.claims !== undefined)
    errors.push(forbidden(`${field}.claims`, 'claims cannot be set for Resources at pod-level'));
  checkResources(errors, field, resources, spec, checkName);
  const asked = requestsOfContainers(spec);
  for (const name of Object.keys(asked).sort()) {
    const [own, theirs] = [resources.requests?.[name] ?? '0', asked[name] ?? '0'];
    if (compareQuantities(theirs, own) > 0)
      errors.push(
        invalidValue(
          `${field}.requests[${name}]`,
          quantityText(own),
          `must be greater than or equal to aggregate container requests of ${quantityText(theirs)}`,
        ),
      );
  }
  containersOf(spec).forEach((container, i) => {
    const limits = container.resources?.limits ?? {};
    for (const name of Object.keys(limits).sort()) {
      const [own, most] = [limits[name] ?? '0', resources.limits?.[name]];
      if (most !== undefined && compareQuantities(own, most) > 0)
        errors.push(
          invalidValue(
            `${field}.containers[${i}][${name}].limits`,
            quantityText(own),
            `must be less than or equal to pod limits of ${quantityText(most)}`,
          ),
        );
    }
  });
}

function checkName(errors: Errors, field: string, name: string): void {
  if (!checkResourceName(errors, field, name)) return;
  if (name !== 'cpu' && name !== 'memory' && !isHugePage(name))
    errors.push(unsupported(field, name, ['cpu', 'hugepages-', 'memory']));
}

type Amounts = Readonly<Record<string, Quantity>>;

/**
 * All containers run beside the sidecars, each init container beside the sidecars that began before it: whichever needs
 * more. (component-helpers/resource/helpers.go, AggregateContainerRequests)
 */
function requestsOfContainers(spec: PodSpec): Amounts {
  let sidecars: Amounts = {};
  let most: Amounts = {};
  for (const { restartPolicy, resources } of spec.initContainers ?? []) {
    const together = sum(sidecars, resources?.requests ?? {});
    if (restartPolicy === 'Always') sidecars = together;
    most = larger(most, together);
  }
  const running = containersOf(spec).reduce<Amounts>(
    (total, { resources }) => sum(total, resources?.requests ?? {}),
    sidecars,
  );
  return larger(running, most);
}

const combine =
  (pick: (a: Quantity, b: Quantity) => Quantity) =>
  (left: Amounts, right: Amounts): Amounts => {
    const both: Record<string, Quantity> = { ...left };
    for (const [name, quantity] of Object.entries(right)) {
      const other = both[name];
      both[name] = other === undefined ? quantity : pick(other, quantity);
    }
    return both;
  };

const sum = combine(addQuantities);
const larger = combine((a, b) => (compareQuantities(a, b) < 0 ? b : a));
