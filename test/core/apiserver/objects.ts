/** Objects for stories: each says only what matters. */
import type { NewObject } from '../../../core/api/request.ts';

type Metadata = NewObject['metadata'];
type Given = NewObject & Readonly<Record<string, unknown>>;

export const configMap = (
  name: string,
  data: Readonly<Record<string, string>> = {},
  metadata: Metadata = {},
): Given => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});

export const podSpec = (
  fields: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> => ({
  containers: [{ name: 'c', image: 'img:1' }],
  ...fields,
});

export const pod = (name: string, metadata: Metadata = {}, spec: object = podSpec()): Given => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec,
});

export const binding = (name: string, node: string): Given => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name },
  target: { kind: 'Node', name: node },
});

export const namespace = (name: string): Given => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

export const deployment = (name: string, replicas = 1): Given => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec() },
  },
});

export const service = (name: string, spec: object = {}): Given => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
