/**
 * Marathon's placement constraints, as an app definition has them: `[["hostname","UNIQUE"],["rack","GROUP_BY","3"]]`, in
 * the annotation `marathon/constraints`. A field is the node's name (`hostname`, `@hostname`), its region or zone
 * (`@region`, `@zone`), or a label. An app is what the annotation `marathon/app` names, else the label `app`, else the
 * Pod's controller; its tasks are its Pods on nodes. (mesosphere/marathon docs/constraints.md, Constraints.scala)
 */
import { eachNode, unresolvable, type PreFilterResult, type Snapshot } from '../../framework.ts';
import type { NodeInfo } from '../../node-info.ts';
import type { SchedulerPlugin } from '../../own-plugin.ts';
import type { PodInfo } from '../../pod-info.ts';

const annotation = 'marathon/constraints';
const operators = ['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER'] as const;
type Operator = (typeof operators)[number];

interface Constraint {
  readonly field: string;
  readonly operator: Operator;
  readonly value: string;
  readonly pattern: RegExp | undefined;
  /** For the reason of a rejection. */
  readonly text: string;
}

/** A constraint with the app's tasks counted by the values of its field. */
interface Counted extends Constraint {
  readonly tasks: number;
  readonly byValue: ReadonlyMap<string, number>;
}

export const marathonConstraints: SchedulerPlugin = {
  name: 'MarathonConstraints',
  preFilter(pod, snapshot): PreFilterResult<readonly Counted[]> {
    const text = pod.annotations?.[annotation];
    if (text === undefined) return { outcome: 'skip' };
    const constraints = constraintsOf(text);
    if (typeof constraints === 'string')
      return { outcome: 'reject', rejection: unresolvable(this.name, `${annotation}: ${constraints}`) };
    if (constraints.length === 0) return { outcome: 'skip' };
    return { outcome: 'filter', state: counted(constraints, appOf(pod), snapshot) };
  },
  filter(_pod, info, state): string | undefined {
    for (const constraint of state as readonly Counted[])
      if (!isMet(constraint, valueOf(info, constraint.field)))
        return `node(s) didn't meet the constraint ${constraint.text}`;
    return undefined;
  },
};

const appOf = ({ annotations, labels, controller, namespace, uid }: PodInfo): string =>
  `${namespace}/${annotations?.['marathon/app'] ?? labels?.['app'] ?? controller?.uid ?? uid}`;

function counted(constraints: readonly Constraint[], app: string, snapshot: Snapshot): readonly Counted[] {
  const counts = constraints.map(() => new Map<string, number>());
  let tasks = 0;
  eachNode(snapshot, (info) => {
    let here = 0;
    for (const pod of info.pods) if (appOf(pod) === app) here++;
    if (here === 0) return;
    tasks += here;
    for (const [i, { field }] of constraints.entries()) {
      const value = valueOf(info, field);
      if (value !== undefined) counts[i]?.set(value, (counts[i].get(value) ?? 0) + here);
    }
  });
  return constraints.map((constraint, i) => ({ ...constraint, tasks, byValue: counts[i] ?? new Map() }));
}

function valueOf({ name, node }: NodeInfo, field: string): string | undefined {
  const labels = node?.metadata.labels;
  switch (field) {
    case 'hostname':
    case '@hostname':
      return name;
    case '@region':
      return labels?.['topology.kubernetes.io/region'];
    case '@zone':
      return labels?.['topology.kubernetes.io/zone'];
    default:
      return labels?.[field];
  }
}

/** `found`: the node's value; a node without one meets UNLIKE alone. */
function isMet({ operator, value, pattern, tasks, byValue }: Counted, found: string | undefined): boolean {
  if (found === undefined) return operator === 'UNLIKE';
  const here = byValue.get(found) ?? 0;
  switch (operator) {
    case 'UNIQUE':
      return here === 0;
    case 'CLUSTER':
      return (value === '' || found === value) && here === tasks;
    case 'GROUP_BY':
      return byValue.get(found) === undefined || isSmallest(byValue, here, value);
    case 'LIKE':
      return pattern?.test(found) ?? false;
    case 'UNLIKE':
      return !(pattern?.test(found) ?? true);
    case 'MAX_PER':
      return here < Number(value);
  }
}

/** A group that has tasks already takes another where no group has fewer, and there are as many groups as expected. */
const isSmallest = (byValue: ReadonlyMap<string, number>, here: number, expected: string): boolean =>
  byValue.size >= Number(expected === '' ? 0 : expected) && here === Math.min(...byValue.values());

const parsed = new Map<string, readonly Constraint[] | string>();
const mostParsed = 1_000;

function constraintsOf(text: string): readonly Constraint[] | string {
  const found = parsed.get(text);
  if (found !== undefined) return found;
  if (parsed.size >= mostParsed) parsed.clear();
  const made = parse(text);
  parsed.set(text, made);
  return made;
}

function parse(text: string): readonly Constraint[] | string {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list)) return `${text} is not a JSON list of constraints`;
  const constraints: Constraint[] = [];
  for (const entry of list as readonly unknown[]) {
    const constraint = constraintOf(entry);
    if (typeof constraint === 'string') return constraint;
    constraints.push(constraint);
  }
  return constraints;
}

const needsNumber = /^\d+$/;

function constraintOf(entry: unknown): Constraint | string {
  const parts: readonly unknown[] = Array.isArray(entry) ? entry : [];
  const [field, operator, value = ''] = parts;
  const text = JSON.stringify(entry);
  if (
    typeof field !== 'string' ||
    typeof operator !== 'string' ||
    typeof value !== 'string' ||
    parts.length > 3
  )
    return `${text} is not [field, operator] or [field, operator, value]`;
  if (!isOperator(operator)) return `${text}: ${operator} is none of ${operators.join(', ')}`;
  const isPattern = operator === 'LIKE' || operator === 'UNLIKE';
  const pattern = isPattern ? patternOf(value) : undefined;
  if (isPattern && (value === '' || pattern === undefined))
    return `${text}: ${operator} needs a regular expression`;
  if (operator === 'UNIQUE' && value !== '') return `${text}: UNIQUE takes no value`;
  if (operator === 'MAX_PER' && !needsNumber.test(value)) return `${text}: MAX_PER needs a whole number`;
  if (operator === 'GROUP_BY' && value !== '' && !needsNumber.test(value))
    return `${text}: GROUP_BY takes a whole number`;
  return { field, operator, value, pattern, text };
}

const isOperator = (text: string): text is Operator => operators.some((operator) => operator === text);

/** The whole value has to match, as Java's String.matches has it. */
function patternOf(value: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${value})$`);
  } catch {
    return undefined;
  }
}
