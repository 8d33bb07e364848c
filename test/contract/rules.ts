import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import {
  at,
  configMap,
  container,
  deployment,
  deploymentKind,
  freshName,
  freshNamespace,
  refusal,
  type TheCluster,
} from "./contract.ts";

const job = (namespace: string, name: string, image: string): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { namespace, name },
  spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers: [container("a", image)] } } },
});

/** What the server fills in and what it refuses, in its words. */
export function rulesContract(cluster: TheCluster): void {
  describe("defaults and rules", () => {
    test("a Deployment is filled with the usual defaults", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const port = { containerPort: 80 };
      const probe = { httpGet: { port: 80 } };
      const made = await client.create(
        deployment(namespace, "a", [
          container("a", "x", { ports: [port], readinessProbe: probe }),
          container("b", "y:1"),
        ]),
      );
      expect(made.spec).toEqual({
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        selector: { matchLabels: { app: "a" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
        template: {
          metadata: { labels: { app: "a" } },
          spec: {
            restartPolicy: "Always",
            terminationGracePeriodSeconds: 30,
            dnsPolicy: "ClusterFirst",
            schedulerName: "default-scheduler",
            securityContext: {},
            containers: [
              {
                name: "a",
                image: "x",
                imagePullPolicy: "Always",
                ports: [{ containerPort: 80, protocol: "TCP" }],
                readinessProbe: {
                  httpGet: { path: "/", port: 80, scheme: "HTTP" },
                  timeoutSeconds: 1,
                  periodSeconds: 10,
                  successThreshold: 1,
                  failureThreshold: 3,
                },
                resources: {},
                terminationMessagePath: "/dev/termination-log",
                terminationMessagePolicy: "File",
              },
              {
                name: "b",
                image: "y:1",
                imagePullPolicy: "IfNotPresent",
                resources: {},
                terminationMessagePath: "/dev/termination-log",
                terminationMessagePolicy: "File",
              },
            ],
          },
        },
      });
    });

    test("the other workload kinds are filled too", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const template = (name: string, more: object = {}) => ({
        metadata: { labels: { app: name } },
        spec: { containers: [container("a", "x:1")], ...more },
      });
      const make = async (apiVersion: string, kind: string, spec: object) => {
        const { spec: filled } = await client.create({ apiVersion, kind, metadata: { namespace, name: "a" }, spec });
        const { template: _, jobTemplate: __, selector: ___, ...rest } = filled as Record<string, unknown>;
        return rest;
      };
      const selector = { matchLabels: { app: "a" } };
      expect(
        await make("apps/v1", "StatefulSet", { serviceName: "a", replicas: 0, selector, template: template("a") }),
      ).toEqual({
        serviceName: "a",
        replicas: 0,
        revisionHistoryLimit: 10,
        podManagementPolicy: "OrderedReady",
        persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      });
      expect(await make("apps/v1", "DaemonSet", { selector, template: template("a") })).toEqual({
        revisionHistoryLimit: 10,
        updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      });
      expect(
        await make("batch/v1", "CronJob", {
          schedule: "0 0 1 1 *",
          jobTemplate: { spec: { template: template("a", { restartPolicy: "Never" }) } },
        }),
      ).toEqual({
        schedule: "0 0 1 1 *",
        concurrencyPolicy: "Allow",
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      });
    });

    test("a Job gets a selector and labels of its own", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const made = await client.create(job(namespace, "a", "x:1"));
      const uid = made.metadata.uid!;
      const { template: _, ...rest } = made.spec as Record<string, unknown>;
      expect(rest).toEqual({
        suspend: true,
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        completionMode: "NonIndexed",
        manualSelector: false,
        podReplacementPolicy: "TerminatingOrFailed",
        selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
      });
      expect(at(made, "spec.template.metadata.labels")).toEqual({
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": "a",
        "controller-uid": uid,
        "job-name": "a",
      });
      const applied = await client.apply(job(namespace, "b", "x:1"), { fieldManager: "ana" });
      const again = await client.apply(job(namespace, "b", "x:1"), { fieldManager: "ana" });
      expect(again.spec).toEqual(applied.spec);
    });

    test("a Service gets an address that stays, and its ports a target", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const service: KubeObject = {
        apiVersion: "v1",
        kind: "Service",
        metadata: { namespace, name: "a" },
        spec: { selector: { app: "a" }, ports: [{ port: 80 }] },
      };
      const made = await client.apply(service, { fieldManager: "ana" });
      const { clusterIP, clusterIPs, ...rest } = made.spec as Record<string, unknown>;
      expect(clusterIP).toMatch(/^10\.\d+\.\d+\.\d+$/);
      expect(clusterIPs).toEqual([clusterIP]);
      expect(rest).toEqual({
        type: "ClusterIP",
        sessionAffinity: "None",
        internalTrafficPolicy: "Cluster",
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
        selector: { app: "a" },
        ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      });
      // A replace that does not name the address keeps it.
      const replaced = await client.update({ ...service, metadata: { ...service.metadata, labels: { a: "b" } } });
      expect(at(replaced, "spec.clusterIP")).toBe(clusterIP);
    });

    test("text data of a Secret is stored as data", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const made = await client.apply(
        { apiVersion: "v1", kind: "Secret", metadata: { namespace, name: "a" }, stringData: { user: "ana" } },
        { fieldManager: "ana" },
      );
      expect(made.data).toEqual({ user: Buffer.from("ana").toString("base64") });
      expect(made.type).toBe("Opaque");
      expect(made.stringData).toBeUndefined();
    });

    test("quantities are written in one form", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const forms = [
        "0.5",
        "1000m",
        "2",
        "1.5Gi",
        "1024Mi",
        "2048",
        "1e3",
        "129e6",
        "123456789",
        "0.1",
        "100M",
        "1.5",
        "0",
      ];
      const containers = forms.map((form, index) =>
        container(`c${index}`, "x:1", { resources: { limits: { memory: form, cpu: form } } }),
      );
      const workload = await client.create(deployment(namespace, "a", containers, { paused: true, replicas: 0 }));
      const limits = (at(workload, "spec.template.spec.containers") as object[]).map((entry) =>
        at(entry, "resources.limits.memory"),
      );
      expect(limits).toEqual([
        "500m",
        "1",
        "2",
        "1536Mi",
        "1Gi",
        "2048",
        "1e3",
        "129e6",
        "123456789",
        "100m",
        "100M",
        "1500m",
        "0",
      ]);
    });

    test("empty lists and nulls are not kept", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const wanted = deployment(namespace, "a", [container("a", "x:1", { args: [], env: [], workingDir: null })], {
        paused: true,
        replicas: 0,
      });
      const made = await client.apply(wanted, { fieldManager: "ana" });
      const kept = Object.keys(at(made, "spec.template.spec.containers.0") as object);
      expect(kept).not.toContain("args");
      expect(kept).not.toContain("env");
      expect(kept).not.toContain("workingDir");
    });

    test("what a person forgot or mistyped is named by its field", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const refused = async (object: KubeObject) => {
        const { status, reason, message } = await refusal(client.create(object));
        expect({ status, reason }).toEqual({ status: 422, reason: "Invalid" });
        return message;
      };
      expect(await refused(deployment(namespace, "a", [{ name: "a" }]))).toBe(
        'Deployment.apps "a" is invalid: spec.template.spec.containers[0].image: Required value',
      );
      expect(await refused(deployment(namespace, "a", []))).toBe(
        'Deployment.apps "a" is invalid: spec.template.spec.containers: Required value',
      );
      expect(await refused(deployment(namespace, "a", [{ image: "x:1" }]))).toBe(
        'Deployment.apps "a" is invalid: spec.template.spec.containers[0].name: Required value',
      );
      expect(await refused(deployment(namespace, "Bad_Name", [container("a", "x:1")]))).toContain(
        'Deployment.apps "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of',
      );
      const other = { selector: { matchLabels: { app: "other" } } };
      expect(await refused(deployment(namespace, "a", [container("a", "x:1")], other))).toBe(
        'Deployment.apps "a" is invalid: spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
      );
      const mount = { volumeMounts: [{ name: "none", mountPath: "/a" }] };
      expect(await refused(deployment(namespace, "a", [container("a", "x:1", mount)]))).toBe(
        'Deployment.apps "a" is invalid: spec.template.spec.containers[0].volumeMounts[0].name: Not found: "none"',
      );
      expect(await refused(deployment(namespace, "a", [container("a", "x:1"), container("a", "x:1")]))).toBe(
        'Deployment.apps "a" is invalid: spec.template.spec.containers[1].name: Duplicate value: "a"',
      );
      expect(await refused({ apiVersion: "v1", kind: "Namespace", metadata: { name: freshName("A.b") } })).toContain(
        "a lowercase RFC 1123 label must consist of",
      );
      const noSelector = deployment(namespace, "a", [container("a", "x:1")], { selector: undefined });
      expect(await refused(noSelector)).toContain("spec.selector: Required value");
    });

    test("selectors and a Job's template stay as they were made", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await client.apply(deployment(namespace, "a", [container("a", "x:1")]), { fieldManager: "ana" });
      const moved = deployment(namespace, "a", [container("a", "x:1")], {
        selector: { matchLabels: { app: "b" } },
        template: { metadata: { labels: { app: "b" } }, spec: { containers: [container("a", "x:1")] } },
      });
      const refused = await refusal(client.apply(moved, { fieldManager: "ana" }));
      expect(refused).toEqual({
        status: 422,
        reason: "Invalid",
        message:
          'Deployment.apps "a" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
      });
      await client.apply(job(namespace, "j", "x:1"), { fieldManager: "ana" });
      const changed = await refusal(client.apply(job(namespace, "j", "x:2"), { fieldManager: "ana" }));
      expect(changed).toMatchObject({ status: 422, reason: "Invalid" });
      expect(changed.message).toMatch(
        /^Job\.batch "j" is invalid: spec\.template\.spec: Invalid value: .*: field is immutable$/s,
      );
    });

    test("a body at the wrong address is refused", async () => {
      const { client, call } = cluster();
      const namespace = await freshNamespace(client);
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      await client.create(configMap(namespace, "a", {}));
      const named = await call("PUT", `${path}/a`, { body: configMap(namespace, "b", {}) });
      expect(named.status).toBe(400);
      expect(at(named.body, "message")).toBe("the name of the object (b) does not match the name on the URL (a)");
      const placed = await call("POST", path, { body: configMap("elsewhere", "c", {}) });
      expect(placed.status).toBe(400);
      expect(at(placed.body, "message")).toBe(
        "the namespace of the provided object does not match the namespace sent on the request",
      );
      const nothing = await call("GET", "/api/v1/namespaces/default/nothings");
      expect(nothing.status).toBe(404);
      expect((await refusal(client.list({ apiVersion: "shop.example/v1", kind: "Nothing" }))).status).toBe(404);
      expect(
        (
          await refusal(
            client.get({ ...deploymentKind, kind: "Deploymend" }, namespace, "a").then((found) => {
              if (found === undefined) throw Object.assign(new Error("no such kind"), { facts: { status: 404 } });
            }),
          )
        ).status,
      ).toBe(404);
    });
  });
}
