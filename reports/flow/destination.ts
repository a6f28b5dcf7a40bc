/** Where a connection to the Pod's Services leads at the end of the run: what kube-proxy's rules say of the registry. */
import type { ChalkInstance } from 'chalk';
import type { ApiObject } from '../../core/api/object.ts';
import { emptyView, withObject, type View } from '../../core/api/view.ts';
import { route, type Route } from '../../core/proxy/proxy.ts';
import { at, field, textOf } from '../story/change.ts';
import type { Step } from '../story/step.ts';
import { parseRecord } from '../trace/event.ts';
import { lineText } from '../trace/lines.ts';
import { expectParsed } from '../trace/reader.ts';
import { applyWrite, emptyRegistry, isWrite, type Registry } from '../trace/registry.ts';
import type { TraceSource } from '../trace/source.ts';
import { indexTrace } from '../trace/trace-index.ts';

export interface Destination {
  /** `default/web`. */
  readonly service: string;
  readonly clusterIP: string;
  readonly port: number;
  /** One for each endpoint that may be reached, in the order of the rules; or the one that says why none is. */
  readonly routes: readonly Route[];
}

const servicePrefix = '/registry/services/specs/';
const slicePrefix = '/registry/endpointslices/';

/** Where each port of the Services leads that came to know the Pod in its story. */
export function destinationsOf(source: TraceSource, story: readonly Step[]): readonly Destination[] {
  const slices = story.map((step) => step.key).filter((key) => key.startsWith(slicePrefix));
  if (slices.length === 0) return [];
  const registry = registryOfServices(source);
  const services = new Set(slices.flatMap((key) => serviceOf(registry, key)));
  const serviceView = viewFrom(registry, 'services', servicePrefix);
  const sliceView = viewFrom(registry, 'endpointslices', slicePrefix);
  return [...services].sort().flatMap((key) => {
    const service = serviceView.objects.get(key);
    return (service?.spec.ports ?? []).map(({ port }) => ({
      service: key,
      clusterIP: service?.spec.clusterIP ?? '',
      port,
      routes: routesTo(serviceView, sliceView, key, port),
    }));
  });
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
function serviceOf(registry: Registry, sliceKey: string): readonly string[] {
  const metadata = field(registry.entries.get(sliceKey)?.object, 'metadata');
  const name = textOf(at(metadata, 'labels', 'kubernetes.io/service-name'));
  return name === '' ? [] : [`${textOf(field(metadata, 'namespace'))}/${name}`];
}

/** One resource of the registry, as a client would hold it. */
function viewFrom<R extends 'services' | 'endpointslices'>(
  registry: Registry,
  resource: R,
  prefix: string,
): View<R> {
  let view = emptyView(resource as string);
  registry.entries.scan(prefix, undefined, (key, { object, modRevision }) => {
    if (!key.startsWith(prefix)) return false;
    view = withObject(view, key.slice(prefix.length), object as unknown as ApiObject, modRevision);
    return undefined;
  });
  return view as unknown as View<R>;
}

/** Every way the draw may fall: the first answer says how many there are. */
function routesTo(
  services: View<'services'>,
  slices: View<'endpointslices'>,
  key: string,
  port: number,
): readonly Route[] {
  const [namespace = '', name = ''] = key.split('/');
  const connection = { to: { namespace, name }, port };
  const first = route(services, slices, connection, 0);
  if (first.verdict !== 'DNAT') return [first];
  return Array.from({ length: first.of }, (_, i) =>
    route(services, slices, connection, (i + 0.5) / first.of),
  );
}

const mostShown = 8;

/** Each Service's address, and a line for each endpoint behind it with its chance. */
export function destinationLines(destinations: readonly Destination[], c: ChalkInstance): readonly string[] {
  return destinations.flatMap(({ service, clusterIP, port, routes }) => {
    const [, name = service] = service.split('/');
    const head = `  kube-proxy: a connection to Service/${name} ${c.bold(`${clusterIP}:${port}`)}`;
    const reached = routes.flatMap((each) => (each.verdict === 'DNAT' ? [each] : []));
    const [first] = routes;
    if (reached.length === 0)
      return [
        `${head} reaches nobody: ${first !== undefined && first.verdict !== 'DNAT' ? first.refused : ''}`,
      ];
    const hidden = reached.length - mostShown;
    return [
      `${head} ${reached.length === 1 ? 'reaches' : `reaches one of ${reached.length}, by equal chance`}`,
      ...reached
        .slice(0, mostShown)
        .map((each, i) => `  ${i === reached.length - 1 ? '└' : '├'}─▶ ${endpointText(each, c)}`),
      ...(hidden > 0 ? [c.dim(`  └─▶ and ${hidden} more`)] : []),
    ];
  });
}

/** kube-proxy's rules are tried in turn: the i-th of n takes one in n - i of what is left. */
function endpointText(
  { endpoint, of, index }: Extract<Route, { verdict: 'DNAT' }>,
  c: ChalkInstance,
): string {
  const [, pod = endpoint.pod ?? ''] = (endpoint.pod ?? '').split('/');
  const chance =
    index === of - 1 ? (of === 1 ? '' : ', rule: whatever is left') : `, rule: --probability 1/${of - index}`;
  return `${c.green(`${endpoint.ip}:${endpoint.port}`.padEnd(16))} ${pod} ${c.dim(`on ${endpoint.node ?? '?'}${chance}`)}`;
}
