import type { ChartObject } from './chart.ts';

/** A container as far as the tests look at it. */
export interface ChartContainer {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef: { fieldPath: string } };
  }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: unknown;
  readonly securityContext: unknown;
  readonly volumeMounts?: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly: boolean;
  }[];
}

export interface ChartVolume {
  readonly name: string;
  readonly hostPath?: { readonly path: string };
  readonly projected?: {
    readonly sources: readonly {
      readonly serviceAccountToken?: { readonly audience: string; readonly path: string };
      readonly configMap?: {
        readonly name: string;
        readonly items: readonly { key: string; path: string }[];
      };
    }[];
  };
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly automountServiceAccountToken: boolean;
    readonly terminationGracePeriodSeconds: number;
    readonly securityContext: unknown;
    readonly imagePullSecrets?: readonly { readonly name: string }[];
    readonly containers: readonly [ChartContainer];
    readonly volumes?: readonly ChartVolume[];
  };
}

/** The pods of a DaemonSet or Deployment. */
export function podTemplate(workload: ChartObject): PodTemplate {
  return (workload['spec'] as { template: PodTemplate }).template;
}
