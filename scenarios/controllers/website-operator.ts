/**
 * A small operator: each Website is served by a Deployment and a Service of its name. It makes what is missing, keeps the
 * size and the image as the Website says, and tells in its status how many Pods are ready. What it made goes with the
 * Website: the garbage collector sees to that.
 */
import type { ApiObject } from '../../core/api/object.ts';
import type { Deployment } from '../../core/api/generated/types.ts';
import type { NewObject } from '../../core/api/request.ts';
import type { OwnController } from '../../core/controllers/own/own-controller.ts';

interface Website extends ApiObject {
  readonly spec: { readonly image: string; readonly replicas: number };
  readonly status?: { readonly ready?: number };
}

const website = { apiVersion: 'example.com/v1', kind: 'Website' };
const deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
const service = { apiVersion: 'v1', kind: 'Service' };

export const controller: OwnController = {
  name: 'website-operator',
  for: website,
  owns: [deployment, service],
  *reconcile(cluster) {
    const site = cluster.object<Website>();
    if (site === undefined) return undefined;
    if (cluster.get(service, cluster.name) === undefined) yield* cluster.create(serviceOf(site), { owner: site });
    const found = cluster.get<Deployment>(deployment, cluster.name);
    if (found === undefined) {
      yield* cluster.create(deploymentOf(site), { owner: site });
      cluster.event(site, 'Normal', 'Created', `Created deployment ${cluster.name}`);
      return undefined;
    }
    if (!isAsWanted(found, site)) {
      yield* cluster.update({ ...found, spec: { ...found.spec, ...wanted(site) } });
      cluster.event(site, 'Normal', 'Updated', `Updated deployment ${cluster.name}`);
    }
    const ready = found.status.readyReplicas ?? 0;
    if (site.status?.ready !== ready) yield* cluster.updateStatus({ ...site, status: { ready } });
    return undefined;
  },
};

const labelsOf = (site: Website) => ({ website: site.metadata.name });

const wanted = (site: Website) => ({
  replicas: site.spec.replicas,
  template: {
    metadata: { labels: labelsOf(site) },
    spec: { containers: [{ name: 'server', image: site.spec.image }] },
  },
});

const isAsWanted = ({ spec }: Deployment, site: Website): boolean =>
  spec.replicas === site.spec.replicas && spec.template.spec?.containers[0]?.image === site.spec.image;

const deploymentOf = (site: Website): NewObject & { readonly spec: unknown } => ({
  ...deployment,
  metadata: { name: site.metadata.name },
  spec: { selector: { matchLabels: labelsOf(site) }, ...wanted(site) },
});

const serviceOf = (site: Website): NewObject & { readonly spec: unknown } => ({
  ...service,
  metadata: { name: site.metadata.name },
  spec: { selector: labelsOf(site), ports: [{ port: 80, targetPort: 8080 }] },
});
