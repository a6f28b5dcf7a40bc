/** Where a connection to the Pod's Services leads at the end of the run: kube-proxy's rules, as of the registry. */
import type { ChalkInstance } from 'chalk';
import { at, field, listOf, textOf } from '../story/change.ts';
import type { Step } from '../story/step.ts';
import { parseRecord } from '../trace/event.ts';
import { lineText } from '../trace/lines.ts';
import { expectParsed } from '../trace/reader.ts';
import { applyWrite, emptyRegistry, isWrite, type Registry } from '../trace/registry.ts';
import type { TraceSource } from '../trace/source.ts';
import { indexTrace } from '../trace/trace-index.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly pod: string;
  readonly node: string;
}

export interface Destination {
  /** `default/web`. */
  readonly service: string;
  readonly clusterIP: string;
  readonly port: number;
  /** Each is reached by an equal share of the connections. */
  readonly endpoints: readonly Endpoint[];
}

const servicePrefix = '/registry/services/specs/';
const slicePrefix = '/registry/endpointslices/';

/** Where each port of the Services leads that came to know the Pod in its story. */
export function destinationsOf(source: TraceSource, story: readonly Step[]): readonly Destination[] {
  const slices = new Set(story.filter((step) => step.key.startsWith(slicePrefix)).map((step) => step.key));
  if (slices.size === 0) return [];
  const registry = registryOfServices(source);
  const services = new Set(
    [...slices].map((key) => serviceOf(registry, key)).filter((key) => key !== undefined),
  );
  return [...services].sort().flatMap((key) => portsOf(registry, key));
}

function registryOfServices(source: TraceSource): Registry {
  let registry = emptyRegistry;
  indexTrace(source, {
    needles: [`"key":"${servicePrefix}`, `"key":"${slicePrefix}`],
    onRecord(_event, line) {
      const record = line.hit ? expectParsed(source, line.number, parseRecord(lineText(line))) : undefined;
      if (record !== undefined && isWrite(record)) registry = applyWrite(registry, record);
    },
  });
  return registry;
}

/** A slice says whose it is by a label. */
function serviceOf(registry: Registry, sliceKey: string): string | undefined {
  const metadata = field(registry.entries.get(sliceKey)?.object, 'metadata');
  const name = textOf(at(metadata, 'labels', 'kubernetes.io/service-name'));
  return name === '' ? undefined : `${textOf(field(metadata, 'namespace'))}/${name}`;
}

function portsOf(registry: Registry, service: string): readonly Destination[] {
  const object = registry.entries.get(servicePrefix + service)?.object;
  const clusterIP = textOf(at(object, 'spec', 'clusterIP'));
  return listOf(at(object, 'spec', 'ports')).map((port) => ({
    service,
    clusterIP,
    port: Number(field(port, 'port') ?? 0),
    endpoints: endpointsOf(registry, service, textOf(field(port, 'name'))),
  }));
}

function endpointsOf(registry: Registry, service: string, portName: string): readonly Endpoint[] {
  const [namespace = ''] = service.split('/');
  const prefix = `${slicePrefix}${namespace}/`;
  const found: Endpoint[] = [];
  registry.entries.scan(prefix, undefined, (key, { object }) => {
    if (!key.startsWith(prefix)) return false;
    if (serviceOf(registry, key) !== service) return undefined;
    const port = listOf(field(object, 'ports')).find(
      (candidate) => textOf(field(candidate, 'name')) === portName,
    );
    for (const endpoint of listOf(field(object, 'endpoints'))) {
      if (at(endpoint, 'conditions', 'ready') === false) continue;
      found.push({
        address: textOf(listOf(field(endpoint, 'addresses'))[0]),
        port: Number(field(port, 'port') ?? 0),
        pod: textOf(at(endpoint, 'targetRef', 'name')),
        node: textOf(field(endpoint, 'nodeName')),
      });
    }
    return undefined;
  });
  return found;
}

/** Each Service's address, and a line for each endpoint behind it. */
export function destinationLines(destinations: readonly Destination[], c: ChalkInstance): readonly string[] {
  return destinations.flatMap(({ service, clusterIP, port, endpoints }) => {
    const address = c.bold(`${clusterIP}:${port}`);
    const [, name = service] = service.split('/');
    if (endpoints.length === 0)
      return [`  A connection to Service ${name}, ${address}, is rejected: no endpoint is ready.`];
    const plural =
      endpoints.length === 1
        ? 'one endpoint'
        : `one of ${endpoints.length} endpoints, each by the same chance`;
    return [
      `  On every node, kube-proxy now leads a connection to Service ${name}, ${address}, to ${plural}:`,
      ...endpoints.map(
        (endpoint, i) =>
          `  ${i === endpoints.length - 1 ? '└' : '├'}─▶ ${c.green(`${endpoint.address}:${endpoint.port}`.padEnd(18))} ${endpoint.pod} ${c.dim(`on ${endpoint.node}, ${ruleText(endpoints.length - i)}`)}`,
      ),
    ];
  });
}

/** kube-proxy's rules are tried in turn: of those left, each takes one of so many. */
const ruleText = (left: number): string =>
  left === 1 ? 'all that come so far' : `1 in ${left} of those that come so far`;
