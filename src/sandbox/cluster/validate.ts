import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../model/kubernetes.ts";
import type { FieldCause } from "./failure.ts";
import { type Fields, mapAt, mapsAt } from "./pod-defaults.ts";

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelWords =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomainWords =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const freeNames = new Set(["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"]);
const labelNames = new Set(["Namespace", "Service"]);
const pullPolicies = ["Always", "IfNotPresent", "Never"];
const withTemplate = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"]);

export function required(field: string, detail = ""): FieldCause {
  return { reason: "FieldValueRequired", message: `Required value${detail === "" ? "" : `: ${detail}`}`, field };
}
export function invalidValue(field: string, value: unknown, detail: string): FieldCause {
  const message = `Invalid value: ${JSON.stringify(value)}: ${detail}`;
  return { reason: "FieldValueInvalid", message, field };
}
function forbiddenField(field: string, detail: string): FieldCause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${detail}`, field };
}
function unsupported(field: string, value: unknown, values: readonly string[]): FieldCause {
  const supported = values.map((entry) => JSON.stringify(entry)).join(", ");
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  return { reason: "FieldValueNotSupported", message, field };
}

/** Everything that is wrong with an object, in the real server's words; none when it may be stored. */
export function validate(object: KubeObject, before: KubeObject | undefined): FieldCause[] {
  const causes = nameCauses(object);
  const spec = mapAt(object, "spec");
  if (withTemplate.has(object.kind)) causes.push(...workloadCauses(object.kind, spec ?? {}));
  if (object.kind === "Pod") causes.push(...podCauses(spec ?? {}, "spec"));
  if (object.kind === "Job") causes.push(...jobCauses(spec ?? {}, "spec"));
  if (object.kind === "CronJob") {
    if (!spec?.schedule) causes.push(required("spec.schedule"));
    causes.push(...jobCauses(mapAt(mapAt(spec ?? {}, "jobTemplate") ?? {}, "spec") ?? {}, "spec.jobTemplate.spec"));
  }
  if (object.kind === "Service") causes.push(...serviceCauses(spec ?? {}));
  if (before !== undefined) causes.push(...changeCauses(object, before));
  return causes;
}

function nameCauses({ kind, metadata }: KubeObject): FieldCause[] {
  if (!metadata.name) return [required("metadata.name", "name or generateName is required")];
  if (freeNames.has(kind)) return [];
  if (labelNames.has(kind))
    return label.test(metadata.name) && metadata.name.length <= 63
      ? []
      : [invalidValue("metadata.name", metadata.name, labelWords)];
  return subdomain.test(metadata.name) && metadata.name.length <= 253
    ? []
    : [invalidValue("metadata.name", metadata.name, subdomainWords)];
}

function workloadCauses(kind: string, spec: Fields): FieldCause[] {
  const causes: FieldCause[] = [];
  if (typeof spec.replicas === "number" && spec.replicas < 0)
    causes.push(invalidValue("spec.replicas", spec.replicas, "must be greater than or equal to 0"));
  const template = mapAt(spec, "template") ?? {};
  const labels = mapAt(mapAt(template, "metadata") ?? {}, "labels") ?? {};
  const selector = mapAt(spec, "selector");
  if (selector === undefined) causes.push(required("spec.selector"));
  else if (Object.keys(mapAt(selector, "matchLabels") ?? {}).length + mapsAt(selector, "matchExpressions").length === 0)
    causes.push(invalidValue("spec.selector", selector, `empty selector is invalid for ${kind.toLowerCase()}`));
  else {
    const wanted = Object.entries(mapAt(selector, "matchLabels") ?? {});
    if (wanted.some(([key, value]) => labels[key] !== value))
      causes.push(invalidValue("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
  }
  const podSpec = mapAt(template, "spec") ?? {};
  causes.push(...podCauses(podSpec, "spec.template.spec"));
  if (podSpec.restartPolicy !== undefined && podSpec.restartPolicy !== "Always")
    causes.push(unsupported("spec.template.spec.restartPolicy", podSpec.restartPolicy, ["Always"]));
  return causes;
}

function podCauses(spec: Fields, path: string): FieldCause[] {
  const causes: FieldCause[] = [];
  const containers = mapsAt(spec, "containers");
  if (containers.length === 0) causes.push(required(`${path}.containers`));
  const volumes = new Set(mapsAt(spec, "volumes").map((volume) => volume.name));
  const names = new Set<unknown>();
  for (const list of ["initContainers", "containers"])
    mapsAt(spec, list).forEach((container, index) => {
      const at = `${path}.${list}[${index}]`;
      if (!container.name) causes.push(required(`${at}.name`));
      else if (!label.test(String(container.name))) causes.push(invalidValue(`${at}.name`, container.name, labelWords));
      else if (names.has(container.name))
        causes.push({
          reason: "FieldValueDuplicate",
          message: `Duplicate value: ${JSON.stringify(container.name)}`,
          field: `${at}.name`,
        });
      names.add(container.name);
      if (!container.image) causes.push(required(`${at}.image`));
      if (!pullPolicies.includes(String(container.imagePullPolicy)))
        causes.push(unsupported(`${at}.imagePullPolicy`, container.imagePullPolicy, pullPolicies));
      mapsAt(container, "volumeMounts").forEach((mount, place) => {
        if (!volumes.has(mount.name))
          causes.push({
            reason: "FieldValueNotFound",
            message: `Not found: ${JSON.stringify(mount.name)}`,
            field: `${at}.volumeMounts[${place}].name`,
          });
      });
      causes.push(...portCauses(container, at));
    });
  return causes;
}
function portCauses(container: Fields, at: string): FieldCause[] {
  return mapsAt(container, "ports").flatMap((port, index) => {
    const number = port.containerPort;
    if (number === undefined) return [required(`${at}.ports[${index}].containerPort`)];
    return typeof number === "number" && number > 0 && number < 65536
      ? []
      : [invalidValue(`${at}.ports[${index}].containerPort`, number, "must be between 1 and 65535, inclusive")];
  });
}
function jobCauses(spec: Fields, path: string): FieldCause[] {
  const podSpec = mapAt(mapAt(spec, "template") ?? {}, "spec") ?? {};
  const causes = podCauses(podSpec, `${path}.template.spec`);
  if (podSpec.restartPolicy !== "Never" && podSpec.restartPolicy !== "OnFailure") {
    const field = `${path}.template.spec.restartPolicy`;
    causes.push(
      podSpec.restartPolicy === "Always" || podSpec.restartPolicy === undefined
        ? { reason: "FieldValueRequired", message: `Required value: valid values: "OnFailure", "Never"`, field }
        : unsupported(field, podSpec.restartPolicy, ["OnFailure", "Never"]),
    );
  }
  return causes;
}
function serviceCauses(spec: Fields): FieldCause[] {
  const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
  const causes: FieldCause[] = [];
  if (!types.includes(String(spec.type))) causes.push(unsupported("spec.type", spec.type, types));
  const ports = mapsAt(spec, "ports");
  if (ports.length === 0 && spec.clusterIP !== "None" && spec.type !== "ExternalName")
    causes.push(required("spec.ports"));
  ports.forEach((port, index) => {
    if (ports.length > 1 && !port.name) causes.push(required(`spec.ports[${index}].name`));
    if (!(typeof port.port === "number" && port.port > 0 && port.port < 65536))
      causes.push(invalidValue(`spec.ports[${index}].port`, port.port, "must be between 1 and 65535, inclusive"));
  });
  return causes;
}

const podExceptions =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const setExceptions =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
const setMutable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

/** Fields that may not change once an object stands. */
function changeCauses(object: KubeObject, before: KubeObject): FieldCause[] {
  const spec = mapAt(object, "spec") ?? {};
  const old = mapAt(before, "spec") ?? {};
  const fixed = (value: Fields, was: Fields, key: string, path: string): FieldCause[] =>
    isDeepStrictEqual(value[key], was[key]) ? [] : [invalidValue(path, value[key], "field is immutable")];
  switch (object.kind) {
    case "Deployment":
    case "ReplicaSet":
    case "DaemonSet":
      return fixed(spec, old, "selector", "spec.selector");
    case "StatefulSet":
      return isDeepStrictEqual(without(spec, setMutable), without(old, setMutable))
        ? []
        : [forbiddenField("spec", setExceptions)];
    case "Job":
      return [
        ...fixed(spec, old, "completions", "spec.completions"),
        ...fixed(spec, old, "selector", "spec.selector"),
        ...fixed(mapAt(spec, "template") ?? {}, mapAt(old, "template") ?? {}, "spec", "spec.template.spec"),
        ...fixed(mapAt(spec, "template") ?? {}, mapAt(old, "template") ?? {}, "metadata", "spec.template.metadata"),
      ];
    case "Pod":
      return isDeepStrictEqual(fixedPodParts(spec), fixedPodParts(old)) ? [] : [forbiddenField("spec", podExceptions)];
    case "Service":
      return old.clusterIP === undefined || spec.type === "ExternalName"
        ? []
        : fixed(spec, old, "clusterIP", "spec.clusterIPs[0]");
    case "RoleBinding":
    case "ClusterRoleBinding":
      return isDeepStrictEqual(object.roleRef, before.roleRef)
        ? []
        : [invalidValue("roleRef", object.roleRef, "cannot change roleRef")];
    case "ConfigMap":
    case "Secret":
      return before.immutable === true && !isDeepStrictEqual(object.data, before.data)
        ? [forbiddenField("data", "field is immutable when `immutable` is set")]
        : [];
    default:
      return [];
  }
}
function without(fields: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}
function fixedPodParts(spec: Fields): unknown {
  const bare = (list: string) => mapsAt(spec, list).map((container) => without(container, ["image"]));
  return {
    ...without(spec, ["tolerations", "activeDeadlineSeconds", "terminationGracePeriodSeconds", "nodeName"]),
    containers: bare("containers"),
    initContainers: bare("initContainers"),
  };
}
