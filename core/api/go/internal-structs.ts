/**
 * The internal types that Kubernetes converts an object to before it validates it, and prints in its messages: those of a
 * Pod are told by how they differ from the versioned ones. (kubernetes v1.34.1 pkg/apis/{core,apps,batch,policy,rbac,storage}/types.go)
 */
import { podStructs } from './pod-structs.ts';
import type { StructTexts } from './struct.ts';

const bothRollouts = 'MaxUnavailable intstr.IntOrString; MaxSurge intstr.IntOrString';

export const internalStructs: StructTexts = {
  ...podStructs,
  PodSpec: `Volumes []Volume; InitContainers []Container; Containers []Container;
    EphemeralContainers []EphemeralContainer; RestartPolicy RestartPolicy; TerminationGracePeriodSeconds *int64;
    ActiveDeadlineSeconds *int64; DNSPolicy DNSPolicy; NodeSelector map[string]string; ServiceAccountName string;
    AutomountServiceAccountToken *bool; NodeName string; SecurityContext *PodSecurityContext;
    ImagePullSecrets []LocalObjectReference; Hostname string; Subdomain string; SetHostnameAsFQDN *bool;
    Affinity *Affinity; SchedulerName string; Tolerations []Toleration; HostAliases []HostAlias;
    PriorityClassName string; Priority *int32; PreemptionPolicy *PreemptionPolicy; DNSConfig *PodDNSConfig;
    ReadinessGates []PodReadinessGate; RuntimeClassName *string; Overhead ResourceList; EnableServiceLinks *bool;
    TopologySpreadConstraints []TopologySpreadConstraint; OS *PodOS; SchedulingGates []PodSchedulingGate;
    ResourceClaims []PodResourceClaim; Resources *ResourceRequirements; HostnameOverride *string`,
  PodSecurityContext: `HostNetwork bool; HostPID bool; HostIPC bool; ShareProcessNamespace *bool; HostUsers *bool;
    SELinuxOptions *SELinuxOptions; WindowsOptions *WindowsSecurityContextOptions; RunAsUser *int64;
    RunAsGroup *int64; RunAsNonRoot *bool; SupplementalGroups []int64;
    SupplementalGroupsPolicy *SupplementalGroupsPolicy; FSGroup *int64; FSGroupChangePolicy *PodFSGroupChangePolicy;
    Sysctls []Sysctl; SeccompProfile *SeccompProfile; AppArmorProfile *AppArmorProfile;
    SELinuxChangePolicy *PodSELinuxChangePolicy`,
  VolumeSource: `HostPath *HostPathVolumeSource; EmptyDir *EmptyDirVolumeSource;
    GCEPersistentDisk *GCEPersistentDiskVolumeSource; AWSElasticBlockStore *AWSElasticBlockStoreVolumeSource;
    GitRepo *GitRepoVolumeSource; Secret *SecretVolumeSource; NFS *NFSVolumeSource; ISCSI *ISCSIVolumeSource;
    Glusterfs *GlusterfsVolumeSource; PersistentVolumeClaim *PersistentVolumeClaimVolumeSource;
    RBD *RBDVolumeSource; Quobyte *QuobyteVolumeSource; FlexVolume *FlexVolumeSource; Cinder *CinderVolumeSource;
    CephFS *CephFSVolumeSource cephfs; Flocker *FlockerVolumeSource; DownwardAPI *DownwardAPIVolumeSource;
    FC *FCVolumeSource; AzureFile *AzureFileVolumeSource; ConfigMap *ConfigMapVolumeSource;
    VsphereVolume *VsphereVirtualDiskVolumeSource; AzureDisk *AzureDiskVolumeSource;
    PhotonPersistentDisk *PhotonPersistentDiskVolumeSource; Projected *ProjectedVolumeSource;
    PortworxVolume *PortworxVolumeSource; ScaleIO *ScaleIOVolumeSource; StorageOS *StorageOSVolumeSource storageos;
    CSI *CSIVolumeSource; Ephemeral *EphemeralVolumeSource; Image *ImageVolumeSource`,

  DeploymentStrategy: 'Type DeploymentStrategyType; RollingUpdate *RollingUpdateDeployment',
  RollingUpdateDeployment: bothRollouts,
  DaemonSetUpdateStrategy: 'Type DaemonSetUpdateStrategyType; RollingUpdate *RollingUpdateDaemonSet',
  RollingUpdateDaemonSet: bothRollouts,
  StatefulSetUpdateStrategy:
    'Type StatefulSetUpdateStrategyType; RollingUpdate *RollingUpdateStatefulSetStrategy',
  RollingUpdateStatefulSetStrategy: 'Partition int32; MaxUnavailable *intstr.IntOrString',
  ServicePort: `Name string; Protocol Protocol; AppProtocol *string; Port int32; TargetPort intstr.IntOrString;
    NodePort int32`,
  Taint: 'Key string; Value string; Effect TaintEffect; TimeAdded *Time',
  SuccessPolicy: 'Rules []SuccessPolicyRule',
  SuccessPolicyRule: 'SucceededIndexes *string; SucceededCount *int32',
  PodFailurePolicy: 'Rules []PodFailurePolicyRule',
  PodFailurePolicyRule: `Action PodFailurePolicyAction; OnExitCodes *PodFailurePolicyOnExitCodesRequirement;
    OnPodConditions []PodFailurePolicyOnPodConditionsPattern`,
  PodFailurePolicyOnExitCodesRequirement: `ContainerName *string;
    Operator PodFailurePolicyOnExitCodesOperator; Values []int32`,
  PodFailurePolicyOnPodConditionsPattern: 'Type PodConditionType; Status ConditionStatus',
  PodDisruptionBudgetSpec: `MinAvailable *intstr.IntOrString; Selector *LabelSelector;
    MaxUnavailable *intstr.IntOrString; UnhealthyPodEvictionPolicy *UnhealthyPodEvictionPolicyType`,
  ScopeSelector: 'MatchExpressions []ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement:
    'ScopeName ResourceQuotaScope; Operator ScopeSelectorOperator; Values []string',
  CSINodeDriver: 'Name string; NodeID string; TopologyKeys []string; Allocatable *VolumeNodeResources',
  VolumeNodeResources: 'Count *int32',
  RoleRef: 'APIGroup string; Kind string; Name string',
  VolumeNodeAffinity: 'Required *NodeSelector',
  ValidationRule: `Rule string; Message string; MessageExpression string; Reason *FieldValueErrorReason;
    FieldPath string; OptionalOldSelf *bool`,
};
