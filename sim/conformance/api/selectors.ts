/**
 * Selectors: of labels, of fields, of nodes, and what a toleration tolerates. Compared are all fields but `selectable` and
 * `empty` (Go's own questions about a selector), and `format` and `exactName`, which only printers and caches ask for.
 */
import { aggregate, errorText, type FieldError } from '../../../core/api/field-error.ts';
import { fieldFor, parseFieldTerms } from '../../../core/api/field-selector.ts';
import type {
  LabelSelector,
  Node,
  NodeSelector,
  Taint,
  Toleration,
} from '../../../core/api/generated/types.ts';
import { resourceOfKind } from '../../../core/api/kinds.ts';
import { nodeSelectorTermErrors } from '../../../core/api/node-selector.ts';
import {
  isSelectorError,
  labelSelectorRequirements,
  matchesLabels,
  parseLabelSelector,
  selectorText,
  type Labels,
} from '../../../core/api/selector.ts';
import { checkLabelSelector } from '../../../core/api/validation/fields.ts';
import { matchesTerm } from '../../../core/api/node-affinity.ts';
import { tolerates } from '../../../core/api/taints.ts';
import type { Family, RecordedCase, Verdict } from '../family.ts';
import { differenceOfFields, operationOf, type Answer } from './operation.ts';
import { comparableErrors, recordedError } from './recorded-error.ts';

export const selectorsFamily: Family = {
  name: 'selectors',
  *answer(cases) {
    const sets = (cases.find(({ op }) => op === 'labelSets')?.['sets'] ?? []) as readonly Labels[];
    for (const asked of cases) if (asked['op'] !== 'labelSets') yield verdict(asked, sets);
  },
};

function verdict(asked: RecordedCase, sets: readonly Labels[]): Verdict {
  const got = operationOf(answers, asked, 'selectors')(asked, sets);
  const about = asked['label'] ?? asked['in'] ?? asked['toleration'];
  return {
    name: `${String(asked['op'])} ${JSON.stringify(about)}`,
    difference: differenceOfFields(asked, got, (field) =>
      field === 'errors' ? comparableErrors(asked[field]) : asked[field],
    ),
  };
}

const answers: Readonly<Record<string, (asked: RecordedCase, sets: readonly Labels[]) => Answer>> = {
  parseLabels: ({ in: text }, sets) => {
    const found = parseLabelSelector(String(text));
    if (isSelectorError(found)) return { error: found.error };
    return {
      error: undefined,
      requirements: found,
      string: selectorText(found),
      matches: sets.map((labels) => matchesLabels(found, labels)),
    };
  },
  labelSelector: ({ in: given }, sets) => {
    const selector = (given ?? {}) as LabelSelector;
    const problems: FieldError[] = [];
    checkLabelSelector(problems, 'spec.selector', selector);
    const errors = problems.map(recordedError);
    const found = labelSelectorRequirements(selector);
    if (isSelectorError(found)) return { errors, error: found.error };
    const matches = sets.map((labels) => matchesLabels(found, labels));
    return { errors, error: undefined, string: selectorText(found), matches };
  },
  parseFields: ({ in: text, set }) => {
    const found = parseFieldTerms(String(text));
    if ('error' in found) return { error: found.error };
    const fields = set as Readonly<Record<string, string>>;
    return {
      error: undefined,
      requirements: found,
      matches: found.every(
        ({ field, operator, value }) => ((fields[field] ?? '') === value) === (operator === '='),
      ),
    };
  },
  fieldLabel: ({ apiVersion, kind, label }) => {
    const resource = resourceOfKind(String(apiVersion), String(kind))?.resource ?? '';
    const found = fieldFor(resource, String(label));
    return 'error' in found ? { error: found.error } : { error: undefined, label2: found.field };
  },
  nodeSelector: ({ in: given, labels, nodeName }) => {
    const terms = (given as NodeSelector).nodeSelectorTerms;
    const errors = terms.map(nodeSelectorTermErrors);
    const node = { metadata: { name: nodeName, labels } } as Node;
    const match = terms.some((term, i) => errors[i]?.length === 0 && matchesTerm(term, node));
    const all = errors.flat();
    const text = all.length === 0 ? undefined : aggregate(all.map(errorText));
    return { match, parseError: text, matchError: match ? undefined : text };
  },
  tolerates: ({ toleration, taint }) => {
    const { key, value = '', effect } = taint as Taint;
    return {
      result: tolerates(toleration as Toleration, taint as Taint),
      taintString: `${key}${value === '' ? '' : `=${value}`}:${effect}`,
    };
  },
};
