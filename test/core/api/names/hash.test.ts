/** Hashes in names, against published values and what Kubernetes 1.34.1 gave. */
import { describe, expect, test } from 'vitest';
import { podStructs } from '../../../../core/api/go/pod-structs.ts';
import { structsOf } from '../../../../core/api/go/struct.ts';
import { definitions } from '../../../../core/api/generated/schemas.ts';
import {
  controllerRevisionHash,
  controllerRevisionName,
} from '../../../../core/api/names/controller-revision.ts';
import { fnv32, fnv32a, safeEncode } from '../../../../core/api/names/hash.ts';
import { podTemplateDump, podTemplateHash } from '../../../../core/api/names/pod-template-hash.ts';

const container = {
  image: 'nginx:1.25',
  imagePullPolicy: 'IfNotPresent',
  name: 'c',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
};
const spec = {
  containers: [container],
  dnsPolicy: 'ClusterFirst',
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
};

describe('hashes', () => {
  test('FNV as published', () => {
    expect([fnv32a(''), fnv32a('a'), fnv32a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
    expect([fnv32(''), fnv32('a'), fnv32('foobar')]).toEqual([0x811c9dc5, 0x050c5d7e, 0x31f0b262]);
  });

  test('no vowels in a name', () => {
    expect(safeEncode('1234567890')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  });

  test('a ControllerRevision has the hash that Kubernetes 1.34.1 gives it', () => {
    const data = { spec: { template: { metadata: { labels: { app: 'x' } }, spec, $patch: 'replace' } } };
    expect(controllerRevisionHash(data, undefined)).toBe('656ffc997d');
  });

  test('a template hash is that of Kubernetes 1.34.1, whatever the order of the fields and with nothing for an empty map', () => {
    const template = { metadata: { labels: { app: 'x' } }, spec };
    expect(podTemplateHash(template, 0)).toBe('6b8744ff4f');
    expect(podTemplateHash({ spec: { ...spec, nodeSelector: {} }, metadata: template.metadata }, 0)).toBe(
      '6b8744ff4f',
    );
    expect(podTemplateHash(template, 1)).toBe('54cb78c8cb');
    expect(podTemplateHash(template, undefined)).not.toBe('6b8744ff4f');
  });

  test('every field of a template is in its dump', () => {
    const dump = podTemplateDump({
      spec: {
        containers: [{ name: 'c', resources: { limits: { cpu: '1500m', memory: '9Ei' } } }],
        volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }],
      },
    });
    expect(dump).toContain(
      'Volumes:([]v1.Volume)[{Name:(string)v VolumeSource:(v1.VolumeSource){HostPath:(*v1.HostPathVolumeSource)<nil> EmptyDir:(*v1.EmptyDirVolumeSource){Medium:(v1.StorageMedium)Memory SizeLimit:(*resource.Quantity)<nil>}',
    );
    expect(dump).toContain('cpu:{i:(resource.int64Amount){value:(int64)1500 scale:(resource.Scale)-3}');
    expect(dump).toContain('Dec:(*inf.Dec){unscaled:(big.Int){neg:(bool)false abs:(big.nat)[');
  });
});

test('the name of a revision keeps 223 characters of its owner', () => {
  expect(controllerRevisionName('a'.repeat(300), 'abc')).toBe(`${'a'.repeat(223)}-abc`);
});

describe('the table of Go structs', () => {
  const structs = structsOf(podStructs);
  /** The JSON names of a struct, with those of what is embedded in it. */
  const jsonNames = (name: string): readonly string[] =>
    (structs.get(name) ?? []).flatMap((field) =>
      field.embedded && field.json === undefined ? jsonNames(field.name) : [field.json ?? ''],
    );
  const embedded = new Set(['VolumeSource', 'ProbeHandler', 'EphemeralContainerCommon']);

  test.each(Object.keys(podStructs).filter((name) => !embedded.has(name)))(
    '%s has the fields the API document has',
    (name) => {
      const { fields } = definitions[name] ?? definitions[`${name}V1`] ?? { fields: {} };
      expect([...jsonNames(name)].sort()).toEqual(Object.keys(fields).sort());
    },
  );
});
