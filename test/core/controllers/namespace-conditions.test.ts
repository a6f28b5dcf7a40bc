/** Aim: a namespace that is being deleted says what is left in it, and why. Method: tables of contents and conditions. */
import { expect, test } from 'vitest';
import type { ApiObject } from '../../../core/api/object.ts';
import { namespaceConditions, type Content } from '../../../core/controllers/namespace-conditions.ts';
import { second } from '../../../core/time/time.ts';

const content = (resource: string, finalizers?: readonly string[]): Content => ({
  resource,
  object: { apiVersion: 'v1', kind: 'X', metadata: { name: 'x', finalizers } } as unknown as ApiObject,
});

const told = (left: readonly Content[], failures: readonly string[] = []): readonly string[] =>
  namespaceConditions(undefined, left, failures, 0)
    .filter(({ status }) => status === 'True')
    .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);

test('nothing is the matter with one that is empty', () => {
  expect(
    namespaceConditions(undefined, [], [], 0).map(
      ({ type, status, reason }) => `${type} ${status} ${reason}`,
    ),
  ).toEqual([
    'NamespaceDeletionDiscoveryFailure False ResourcesDiscovered',
    'NamespaceDeletionGroupVersionParsingFailure False ParsedGroupVersions',
    'NamespaceDeletionContentFailure False ContentDeleted',
    'NamespaceContentRemaining False ContentRemoved',
    'NamespaceFinalizersRemaining False ContentHasNoFinalizers',
  ]);
});

test('what is left is counted by resource, and by the finalizers that keep it', () => {
  const left = [
    content('pods'),
    content('configmaps', ['example.com/keep']),
    content('configmaps', ['example.com/keep', 'example.com/also']),
    content('widgets.example.com'),
    content('deployments'),
  ];
  expect(told(left)).toEqual([
    'NamespaceContentRemaining SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances, deployments.apps has 1 resource instances, pods. has 1 resource instances, widgets.example.com has 1 resource instances',
    'NamespaceFinalizersRemaining SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/also in 1 resource instances, example.com/keep in 2 resource instances',
  ]);
});

test('what could not be deleted is said', () => {
  expect(told([content('secrets')], ['no', 'forbidden']).slice(0, 1)).toEqual([
    'NamespaceDeletionContentFailure ContentDeletionFailed: Failed to delete all resource types, 2 remaining: forbidden, no',
  ]);
});

test('a condition keeps its time while its status is the same, and is the same where nothing is new', () => {
  const first = namespaceConditions(undefined, [content('pods')], [], 0);
  const again = namespaceConditions(first, [content('pods')], [], 5 * second);
  expect(again).toEqual(first);
  const fewer = namespaceConditions(first, [], [], 5 * second);
  const times = fewer.map(({ lastTransitionTime = '' }) => lastTransitionTime.slice(17, 19));
  expect(times).toEqual(['00', '00', '00', '05', '00']);
});
