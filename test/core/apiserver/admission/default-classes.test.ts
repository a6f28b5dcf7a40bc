/** DefaultStorageClass and DefaultIngressClass. Aim: who names no class gets the default one, of several the newest. Method: tables. */
import { describe, expect, test } from 'vitest';
import { defaultIngressClass } from '../../../../core/apiserver/admission/default-ingress-class.ts';
import { defaultStorageClass } from '../../../../core/apiserver/admission/default-storage-class.ts';
import { admittedBy, thing } from './admitting.ts';

const classes = (kind: string, annotation: string): readonly object[] =>
  (
    [
      ['old', '2026-01-01T00:00:00Z', true],
      ['plain', '2026-03-01T00:00:00Z', false],
      ['b-new', '2026-02-01T00:00:00Z', true],
      ['a-new', '2026-02-01T00:00:00Z', true],
    ] as const
  ).map(([name, creationTimestamp, isDefault]) =>
    thing(kind, name, {
      metadata: { creationTimestamp, annotations: { [annotation]: String(isDefault) } },
    }),
  );

const rows = [
  ['no class: the newest default one, then the first by name', {}, {}, true, 'a-new'],
  ['no class, and none is default', {}, {}, false, undefined],
  ['a class is named', { named: 'mine' }, {}, true, 'mine'],
  ['the empty class is a class', { named: '' }, {}, true, ''],
  ['the old annotation names one', {}, { old: 'mine' }, true, undefined],
] as const;

describe('DefaultStorageClass', () => {
  test.each(rows)(
    '%s',
    (_what, { named }: { readonly named?: string }, { old }: { readonly old?: string }, some, want) => {
      const object = thing('PersistentVolumeClaim', 'c', {
        metadata:
          old === undefined ? {} : { annotations: { 'volume.beta.kubernetes.io/storage-class': old } },
        spec: named === undefined ? {} : { storageClassName: named },
      });
      const known = classes('StorageClass', 'storageclass.kubernetes.io/is-default-class');
      const asked = { resource: 'persistentvolumeclaims', object };
      expect(admittedBy(defaultStorageClass, asked, { storageclasses: some ? known : [] })).toMatchObject({
        spec: want === undefined ? {} : { storageClassName: want },
      });
      const beta = classes('StorageClass', 'storageclass.beta.kubernetes.io/is-default-class');
      expect(admittedBy(defaultStorageClass, asked, { storageclasses: some ? beta : [] })).toEqual(
        admittedBy(defaultStorageClass, asked, { storageclasses: some ? known : [] }),
      );
    },
  );
});

describe('DefaultIngressClass', () => {
  test.each(rows)(
    '%s',
    (_what, { named }: { readonly named?: string }, { old }: { readonly old?: string }, some, want) => {
      const object = thing('Ingress', 'i', {
        metadata: old === undefined ? {} : { annotations: { 'kubernetes.io/ingress.class': old } },
        spec: named === undefined ? {} : { ingressClassName: named },
      });
      const known = classes('IngressClass', 'ingressclass.kubernetes.io/is-default-class');
      expect(
        admittedBy(
          defaultIngressClass,
          { resource: 'ingresses', object },
          { ingressclasses: some ? known : [] },
        ),
      ).toEqual({ ...object, spec: want === undefined ? {} : { ingressClassName: want } });
    },
  );
});
