/** The type of a resource's objects, for tables with a row a resource. */
import type * as types from './generated/types.ts';

export interface ObjectOf {
  readonly pods: types.Pod;
  readonly podtemplates: types.PodTemplate;
  readonly namespaces: types.Namespace;
  readonly nodes: types.Node;
  readonly services: types.Service;
  readonly endpoints: types.Endpoints;
  readonly endpointslices: types.EndpointSlice;
  readonly replicationcontrollers: types.ReplicationController;
  readonly replicasets: types.ReplicaSet;
  readonly deployments: types.Deployment;
  readonly daemonsets: types.DaemonSet;
  readonly statefulsets: types.StatefulSet;
  readonly controllerrevisions: types.ControllerRevision;
  readonly configmaps: types.ConfigMap;
  readonly secrets: types.Secret;
  readonly serviceaccounts: types.ServiceAccount;
  readonly events: types.Event;
  readonly limitranges: types.LimitRange;
  readonly resourcequotas: types.ResourceQuota;
  readonly persistentvolumeclaims: types.PersistentVolumeClaim;
  readonly persistentvolumes: types.PersistentVolume;
  readonly storageclasses: types.StorageClass;
  readonly csidrivers: types.CSIDriver;
  readonly csinodes: types.CSINode;
  readonly leases: types.Lease;
  readonly ingresses: types.Ingress;
  readonly ingressclasses: types.IngressClass;
  readonly networkpolicies: types.NetworkPolicy;
  readonly poddisruptionbudgets: types.PodDisruptionBudget;
  readonly priorityclasses: types.PriorityClass;
  readonly jobs: types.Job;
  readonly cronjobs: types.CronJob;
  readonly horizontalpodautoscalers: types.HorizontalPodAutoscaler;
  readonly roles: types.Role;
  readonly clusterroles: types.ClusterRole;
  readonly rolebindings: types.RoleBinding;
  readonly clusterrolebindings: types.ClusterRoleBinding;
  readonly validatingadmissionpolicies: types.ValidatingAdmissionPolicy;
  readonly validatingadmissionpolicybindings: types.ValidatingAdmissionPolicyBinding;
  readonly validatingwebhookconfigurations: types.ValidatingWebhookConfiguration;
  readonly mutatingwebhookconfigurations: types.MutatingWebhookConfiguration;
  readonly customresourcedefinitions: types.CustomResourceDefinition;
}

export type KnownResource = keyof ObjectOf;
