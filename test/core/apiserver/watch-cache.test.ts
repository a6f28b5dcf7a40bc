/** Aim: what a list of etcd makes of a cache. Method: random caches and lists against a plain reading of both. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { resources } from '../../../core/api/kinds.ts';
import type { ApiObject } from '../../../core/api/object.ts';
import { emptyView, entriesIn, withObject, type View } from '../../../core/api/view.ts';
import { viewOf } from '../../../core/apiserver/watch-cache.ts';

const info = resources.find(({ resource }) => resource === 'configmaps');
if (info === undefined) throw new Error('no configmaps');

const configMap = (namespace: string, name: string, revision: number): ApiObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, uid: name, resourceVersion: `${revision}`, creationTimestamp: '' },
});

const keyParts = fc.tuple(fc.constantFrom('a', 'a-b', 'b'), fc.constantFrom('x', 'x-1', 'y', 'z'));
const stored = fc.uniqueArray(fc.tuple(keyParts, fc.integer({ min: 1, max: 3 })), {
  selector: ([[namespace, name]]) => `${namespace}/${name}`,
});

const viewWith = (objects: readonly ApiObject[]): View =>
  objects.reduce<View>(
    (view, object) =>
      withObject(view, `${object.metadata.namespace ?? ''}/${object.metadata.name}`, object, 9),
    emptyView('configmaps') as View,
  );

test.prop([stored, stored, fc.option(fc.constantFrom('a', 'a-b', 'b'), { nil: undefined })])(
  'the listed part is what etcd has, the rest is what the cache has, and what both have is the same object',
  (cached, listed, namespace) => {
    const base = cached.map(([[space, name], revision]) => configMap(space, name, revision));
    const inList = listed.filter(([[space]]) => namespace === undefined || space === namespace);
    const kvs = inList
      .map(([[space, name], revision]) => {
        const same = base.find(
          ({ metadata }) =>
            metadata.namespace === space &&
            metadata.name === name &&
            metadata.resourceVersion === `${revision}`,
        );
        return {
          key: `/registry/configmaps/${space}/${name}`,
          value: revision === 3 && same !== undefined ? same : configMap(space, name, revision),
          modRevision: revision,
          createRevision: 1,
          version: 1,
          lease: 0,
        };
      })
      .sort((one, other) => (one.key < other.key ? -1 : 1));
    const view = viewOf(viewWith(base), info, namespace, kvs, 12);
    const want = new Map<string, ApiObject>();
    for (const object of base)
      if (namespace !== undefined && object.metadata.namespace !== namespace)
        want.set(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
    for (const { key, value, modRevision } of kvs) {
      const name = key.slice('/registry/configmaps/'.length);
      const known = base.find(
        (object) => `${object.metadata.namespace ?? ''}/${object.metadata.name}` === name,
      );
      want.set(name, known?.metadata.resourceVersion === `${modRevision}` ? known : value);
    }
    const found = [...entriesIn(view)];
    expect(found.map(([key]) => key)).toEqual([...want.keys()].sort());
    for (const [key, object] of found) expect(object).toBe(want.get(key));
    expect(view.revision).toBe(12);
  },
);
