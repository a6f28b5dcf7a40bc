/** Ingresses and their classes. (kubernetes v1.34.1 pkg/apis/networking/validation/validation.go) */
import { forbidden, invalidValue, required, tooLong } from '../field-error.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressClassParametersReference,
  IngressRule,
  TypedLocalObjectReference,
} from '../generated/types.ts';
import { byteLength, dns1035LabelErrors } from '../../text/label-format.ts';
import {
  checkDomainPrefixedPath,
  checkForm,
  checkImmutableField,
  checkOneOf,
  checkPort,
  isIP,
  label,
  pathSegment,
  portNameErrors,
  subdomain,
  wildcardSubdomain,
  type Errors,
} from './fields.ts';

/** Everything that is wrong with an Ingress but its metadata. */
export function checkIngress(errors: Errors, { spec = {} }: Ingress): void {
  const rules = spec.rules ?? [];
  if (rules.length === 0 && spec.defaultBackend === undefined)
    errors.push(
      invalidValue(
        'spec',
        spec.rules === undefined ? null : [],
        'either `defaultBackend` or `rules` must be specified',
      ),
    );
  if (spec.defaultBackend !== undefined) checkBackend(errors, 'spec.defaultBackend', spec.defaultBackend);
  rules.forEach((rule, i) => {
    checkRule(errors, `spec.rules[${i}]`, rule);
  });
  (spec.tls ?? []).forEach((tls, i) => {
    const at = `spec.tls[${i}]`;
    (tls.hosts ?? []).forEach((host, j) => {
      checkHost(errors, `${at}.hosts[${j}]`, host);
    });
    if ((tls.secretName ?? '') !== '') checkForm(errors, `${at}.secretName`, tls.secretName ?? '', subdomain);
  });
  if (spec.ingressClassName !== undefined)
    checkForm(errors, 'spec.ingressClassName', spec.ingressClassName, subdomain);
}

const classAnnotation = 'kubernetes.io/ingress.class';

/** A new Ingress says its class in one way, or the same in both. */
export function checkNewIngress(errors: Errors, ingress: Ingress): void {
  checkIngress(errors, ingress);
  const said = ingress.metadata.annotations?.[classAnnotation];
  const name = ingress.spec?.ingressClassName;
  if (said !== undefined && name !== undefined && said !== name)
    errors.push(
      invalidValue(
        `annotations.${classAnnotation}`,
        said,
        'must match `ingressClassName` when both are specified',
      ),
    );
}

function checkRule(errors: Errors, field: string, { host = '', http }: IngressRule): void {
  if (host !== '') {
    if (isIP(host)) errors.push(invalidValue(`${field}.host`, host, 'must be a DNS name, not an IP address'));
    checkHost(errors, `${field}.host`, host);
  }
  if (http === undefined) return;
  const paths = (http.paths as typeof http.paths | undefined) ?? [];
  if (paths.length === 0) errors.push(required(`${field}.http.paths`));
  paths.forEach((path, i) => {
    checkPath(errors, `${field}.http.paths[${i}]`, path);
  });
}

const checkHost = (errors: Errors, field: string, host: string): void => {
  checkForm(errors, field, host, host.includes('*') ? wildcardSubdomain : subdomain);
};

const forbiddenParts = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

function checkPath(errors: Errors, field: string, { path = '', pathType, backend }: HTTPIngressPath): void {
  if ((pathType as string | undefined) === undefined) {
    errors.push(required(`${field}.pathType`, 'pathType must be specified'));
    return;
  }
  const wrong = (detail: string): void => {
    errors.push(invalidValue(`${field}.path`, path, detail));
  };
  const isExact = pathType === 'Exact' || pathType === 'Prefix';
  if (isExact || pathType === 'ImplementationSpecific') {
    if (!path.startsWith('/') && (isExact || path !== '')) wrong('must be an absolute path');
    for (const part of isExact ? forbiddenParts : [])
      if (path.includes(part)) wrong(`must not contain '${part}'`);
    for (const end of isExact ? forbiddenEnds : []) if (path.endsWith(end)) wrong(`cannot end with '${end}'`);
  } else checkOneOf(errors, `${field}.pathType`, pathType, ['Exact', 'ImplementationSpecific', 'Prefix']);
  checkBackend(errors, `${field}.backend`, backend);
}

function checkBackend(errors: Errors, field: string, { resource, service }: IngressBackend): void {
  if (resource !== undefined && service !== undefined)
    errors.push(invalidValue(field, '', 'cannot set both resource and service backends'));
  else if (resource !== undefined) checkReference(errors, `${field}.resource`, resource);
  else if (service !== undefined) checkServiceBackend(errors, field, service);
  else errors.push(invalidValue(field, '', 'resource or service backend is required'));
}

function checkServiceBackend(
  errors: Errors,
  field: string,
  { name, port }: NonNullable<IngressBackend['service']>,
): void {
  if (name === '') errors.push(required(`${field}.service.name`));
  else checkForm(errors, `${field}.service.name`, name, dns1035LabelErrors);
  const [portName, number] = [port?.name ?? '', port?.number ?? 0];
  if (portName !== '' && number !== 0)
    errors.push(invalidValue(field, '', 'cannot set both port name & port number'));
  else if (portName !== '') checkForm(errors, `${field}.service.port.name`, portName, portNameErrors);
  else if (number !== 0) checkPort(errors, `${field}.service.port.number`, number);
  else errors.push(required(field, 'port name or number is required'));
}

type Reference = Pick<TypedLocalObjectReference, 'apiGroup' | 'kind' | 'name'>;

function checkReference(errors: Errors, field: string, { apiGroup, kind, name }: Reference): void {
  if (apiGroup !== undefined) checkForm(errors, `${field}.apiGroup`, apiGroup, subdomain);
  if (kind === '') errors.push(required(`${field}.kind`));
  else checkForm(errors, `${field}.kind`, kind, pathSegment);
  if (name === '') errors.push(required(`${field}.name`));
  else checkForm(errors, `${field}.name`, name, pathSegment);
}

/** Bytes of the name of a controller. */
const mostControllerBytes = 250;

export function checkIngressClass(errors: Errors, { spec = {} }: IngressClass): void {
  const controller = spec.controller ?? '';
  if (controller === '') errors.push(required('spec.controller'));
  else {
    if (byteLength(controller) > mostControllerBytes)
      errors.push(tooLong('spec.controller', mostControllerBytes));
    checkDomainPrefixedPath(errors, 'spec.controller', controller);
  }
  if (spec.parameters !== undefined) checkParameters(errors, 'spec.parameters', spec.parameters);
}

export function checkIngressClassUpdate(errors: Errors, next: IngressClass, before: IngressClass): void {
  checkImmutableField(errors, 'spec.controller', next.spec?.controller ?? '', before.spec?.controller ?? '');
}

function checkParameters(errors: Errors, field: string, parameters: IngressClassParametersReference): void {
  checkReference(errors, field, parameters);
  const { scope, namespace } = parameters;
  if (scope === undefined) {
    errors.push(required(`${field}.scope`));
    return;
  }
  checkOneOf(errors, `${field}.scope`, scope, ['Cluster', 'Namespace']);
  if (scope === 'Namespace') {
    if (namespace === undefined)
      errors.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else checkForm(errors, `${field}.namespace`, namespace, label);
  }
  if (scope === 'Cluster' && namespace !== undefined)
    errors.push(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"));
}
