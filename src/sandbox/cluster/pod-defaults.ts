import { canonicalQuantity } from "./quantity.ts";
import { isMap } from "./schema.ts";

export type Fields = Record<string, unknown>;

/** Sets fields that are absent. */
export function fill(target: Fields, defaults: Fields): void {
  for (const [key, value] of Object.entries(defaults)) target[key] ??= value;
}
/** The map below a key, or undefined. */
export function mapAt(target: Fields, key: string): Fields | undefined {
  const value = target[key];
  return isMap(value) ? value : undefined;
}
/** The maps of a list below a key. */
export function mapsAt(target: Fields, key: string): Fields[] {
  const value = target[key];
  return Array.isArray(value) ? value.filter(isMap) : [];
}

/** Defaults of a pod's specification, in place; the same for pods and templates. */
export function fillPodSpec(spec: Fields): void {
  fill(spec, {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  });
  if (spec.serviceAccountName !== undefined) fill(spec, { serviceAccount: spec.serviceAccountName });
  else if (spec.serviceAccount !== undefined) fill(spec, { serviceAccountName: spec.serviceAccount });
  for (const container of [...mapsAt(spec, "initContainers"), ...mapsAt(spec, "containers")]) fillContainer(container);
  for (const volume of mapsAt(spec, "volumes")) fillVolume(volume);
}

function fillContainer(container: Fields): void {
  fill(container, {
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicy(String(container.image ?? "")),
    resources: {},
  });
  const resources = mapAt(container, "resources") ?? {};
  for (const key of ["limits", "requests"]) normaliseQuantities(mapAt(resources, key));
  const limits = mapAt(resources, "limits");
  if (limits !== undefined) resources.requests = { ...limits, ...mapAt(resources, "requests") };
  for (const port of mapsAt(container, "ports")) fill(port, { protocol: "TCP" });
  for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"]) fillProbe(mapAt(container, probe));
  const lifecycle = mapAt(container, "lifecycle") ?? {};
  for (const hook of ["postStart", "preStop"]) fillHttp(mapAt(mapAt(lifecycle, hook) ?? {}, "httpGet"));
  for (const env of mapsAt(container, "env")) {
    const reference = mapAt(mapAt(env, "valueFrom") ?? {}, "fieldRef");
    if (reference !== undefined) fill(reference, { apiVersion: "v1" });
    if (env.value === "" || env.value === null) delete env.value;
  }
}
function pullPolicy(image: string): string {
  if (image.includes("@")) return "IfNotPresent";
  const last = image.slice(image.lastIndexOf("/") + 1);
  const tag = last.includes(":") ? last.slice(last.indexOf(":") + 1) : "latest";
  return tag === "latest" ? "Always" : "IfNotPresent";
}
function fillProbe(probe: Fields | undefined): void {
  if (probe === undefined) return;
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  fillHttp(mapAt(probe, "httpGet"));
  const grpc = mapAt(probe, "grpc");
  if (grpc !== undefined) fill(grpc, { service: "" });
}
function fillHttp(http: Fields | undefined): void {
  if (http !== undefined) fill(http, { path: "/", scheme: "HTTP" });
}

function fillVolume(volume: Fields): void {
  if (Object.keys(volume).every((key) => key === "name")) volume.emptyDir = {};
  for (const key of ["configMap", "secret", "projected", "downwardAPI"]) {
    const source = mapAt(volume, key);
    if (source !== undefined) fill(source, { defaultMode: 420 });
  }
  const hostPath = mapAt(volume, "hostPath");
  if (hostPath !== undefined) fill(hostPath, { type: "" });
  const emptyDir = mapAt(volume, "emptyDir");
  if (emptyDir?.sizeLimit !== undefined)
    emptyDir.sizeLimit = canonicalQuantity(emptyDir.sizeLimit) ?? emptyDir.sizeLimit;
}

/** Writes the quantities of a map as the server does. */
export function normaliseQuantities(map: Fields | undefined): void {
  if (map === undefined) return;
  for (const [key, value] of Object.entries(map)) map[key] = canonicalQuantity(value) ?? value;
}
