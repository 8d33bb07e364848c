import type { KubeObject } from "../../model/kubernetes.ts";
import type { ImagePlace } from "../place.ts";
import { containersAt } from "./containers.ts";
import { helmReleaseImages } from "./helmRelease.ts";
import { kustomizeImagesAt } from "./kustomize.ts";

/** Finds the images of an object of its kind. Pure; answers in the order people shall see them. */
export type ImageReader = (object: KubeObject) => ImagePlace[];

const template = containersAt(["spec", "template", "spec"]);
const revision = containersAt(["spec", "template", "spec"], (index, of) =>
  of === 1 ? "user-container" : `user-container-${index}`,
);

/** Where each kind keeps its images, by group and kind whatever the version. A new kind is a line here. */
export const imageReaders: ReadonlyMap<string, ImageReader> = new Map([
  ["Pod", containersAt(["spec"])],
  ["ReplicationController", template],
  ["apps/Deployment", template],
  ["apps/StatefulSet", template],
  ["apps/DaemonSet", template],
  ["apps/ReplicaSet", template],
  ["extensions/Deployment", template],
  ["extensions/DaemonSet", template],
  ["extensions/ReplicaSet", template],
  ["batch/Job", template],
  ["batch/CronJob", containersAt(["spec", "jobTemplate", "spec", "template", "spec"])],
  ["serving.knative.dev/Service", revision],
  ["serving.knative.dev/Configuration", revision],
  ["argoproj.io/Rollout", template],
  ["helm.integrations.flux.weave.works/FluxHelmRelease", helmReleaseImages],
  ["flux.weave.works/HelmRelease", helmReleaseImages],
  ["helm.fluxcd.io/HelmRelease", helmReleaseImages],
  ["helm.toolkit.fluxcd.io/HelmRelease", helmReleaseImages],
  ["kustomize.toolkit.fluxcd.io/Kustomization", (object: KubeObject) => kustomizeImagesAt(object, ["spec", "images"])],
]);
