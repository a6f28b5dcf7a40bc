/** DefaultIngressClass: an Ingress that names no class gets the default one: of several the newest, then the first by name. (kubernetes v1.34.1 plugin/pkg/admission/network/defaultingressclass) */
import type { Ingress, IngressClass } from '../../api/generated/types.ts';
import type { View } from '../../api/view.ts';
import { parseTimeText } from '../../time/time.ts';
import type { AdmissionPlugin } from './plugin.ts';

export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  resources: ['ingresses'],
  operations: ['CREATE'],
  admit: ({ subresource }, object, context) =>
    subresource === '' ? withDefaultClass(object as Ingress, context.view('ingressclasses')) : object,
};

function withDefaultClass(ingress: Ingress, classes: View): Ingress {
  const named =
    ingress.spec?.ingressClassName !== undefined ||
    ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined;
  if (named) return ingress;
  const found: IngressClass[] = [];
  classes.objects.objects.scan(undefined, undefined, (_key, object) => {
    const candidate = object as unknown as IngressClass;
    if (candidate.metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true')
      found.push(candidate);
  });
  const [newest] = found.sort((a, b) => createdAt(b) - createdAt(a));
  return newest === undefined
    ? ingress
    : { ...ingress, spec: { ...ingress.spec, ingressClassName: newest.metadata.name } };
}

const createdAt = (object: IngressClass): number => parseTimeText(object.metadata.creationTimestamp) ?? 0;
