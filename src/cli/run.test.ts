import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import { makeSurroundings } from "../../test/support/surroundings.ts";
import { exitOf, runCli } from "./run.ts";

test("the parser's own codes become ours, and a command's own code stands when nothing was wrong", () => {
  expect([-5, -4, -3, -2, -1].map((code) => exitOf(code, 0))).toEqual([2, 2, 1, 1, 1]);
  expect(exitOf(3, 0)).toBe(3);
  expect(exitOf(0, 4)).toBe(4);
  expect(exitOf(undefined, 1)).toBe(1);
});

test("version prints the version", async () => {
  const surroundings = makeSurroundings();
  expect(await runCli(["version"], surroundings)).toBe(0);
  expect(surroundings.stdout()).toBe("sluice 1.2.3\n");
});

test.each([
  [["nonsense"], 'there is no command "nonsense"'],
  [["token", "creat"], "did you mean `create`"],
  [["server", "--data", "x"], "--config is needed"],
  [["server", "--data"], "--data is needed"],
  [["pipelines", "--sever", "http://x"], "did you mean --server"],
  [["pipelines", "--bogus"], "there is no flag --bogus"],
  [["releases", "-l", "0"], '--limit "0": write a number from 1 on'],
  [["list-images", "-w", "x", "-l", "many"], '--limit "many": write a number'],
  [["why", "catalogue"], "write PLACE/WORKLOAD"],
  [["promote", "--to", "prod"], "Name the workloads to promote, or give --all."],
  [["promote", "x", "--all", "--to", "prod"], "not both"],
  [["promote", "--all", "-c", "x", "--to", "prod"], "--container goes with the workload"],
  [
    ["promote", "--all", "--force", "--to", "prod", "--server", "http://127.0.0.1:1"],
    "--force goes with the workloads",
  ],
  [["release", "--to", "dev"], "Name the workloads to release"],
  [["release", "x", "--to", "dev", "--image", "1", "--update-image", "a:1"], "not both"],
  [["release", "--to", "dev", "--update-image", "nginx"], "it names no tag"],
  [["release", "x"], "Name the environment: -e NAME, or --to PLACE"],
  [["release", "x", "--to", "dev", "-e", "dev"], "not both"],
  [["release", "x", "-e", "dev", "--image", "1"], "--image and --container go with --to PLACE"],
  [["release", "x", "-e", "dev"], "please supply either --update-image=<image> or --update-all-images"],
  [["release", "x", "-e", "dev", "--update-all-images", "-i", "a:1"], "please supply only one of"],
  [
    ["release", "-e", "dev", "--update-all-images"],
    "please supply either --all, or at least one --workload=<workload>",
  ],
  [["release", "x", "-e", "dev", "--update-image", "nginx"], "blank tag (if you want latest, explicitly state the tag"],
  [["release", "x", "-e", "dev", "--update-all-images", "-w", "--dry-run"], "cannot use --watch with --dry-run"],
  [["release", "--all", "-e", "dev", "--update-all-images", "-f"], "--force has no effect"],
  [["promote", "x", "--to", "prod", "--dry-run", "--interactive"], "not both"],
  [["list-images"], "-w, --workload is required"],
  [["policy", "-e", "dev", "--lock"], "-w, --workload is required"],
  [["policy", "-e", "dev", "-w", "x"], "Say what to change"],
  [["policy", "-e", "dev", "-w", "x", "--tag", "x"], 'invalid container/tag pair: "x". Expected format is'],
  [["policy", "-e", "dev", "-w", "x", "--lock", "--unlock"], "lock and unlock both specified"],
  [["policy", "-e", "dev", "-w", "x", "--automate", "--deautomate"], "automate and deautomate both specified"],
  [["lock", "x"], "Name the environment: -e NAME, or --to PLACE for a stage."],
  [["lock", "x", "-e", "dev", "--to", "prod"], "not both"],
  [["sync"], "Name the environment: -e NAME."],
  [["rollback", "r-7f3k/prod-eu"], "write r-7f3k"],
  [["rollback", "r-7f3k", "--timeout", "5s"], "--timeout goes with --wait"],
  [["token", "create", "--agent", "--name", "a", "--data", "x"], "names its environments"],
  [["agent", "--environment", "dev"], "The agent needs --server URL"],
  [["validate", "/does/not/exist"], "There is no file or folder /does/not/exist"],
])("a wrong command line ends with 2 and says what is wrong: %j", async (args, message) => {
  const surroundings = makeSurroundings();
  expect(await runCli(args, surroundings)).toBe(2);
  expect(surroundings.stderr()).toContain(message);
  expect(surroundings.stdout()).toBe("");
});

test("a server that is not there ends with 5, naming the address and who named it", async () => {
  const none = makeSurroundings();
  expect(await runCli(["pipelines"], none)).toBe(5);
  expect(none.stderr()).toContain("No server is named");
  const gone = makeSurroundings({ env: { SLUICE_SERVER: "http://127.0.0.1:1" } });
  expect(await runCli(["pipelines"], gone)).toBe(5);
  expect(gone.stderr()).toMatch(/http:\/\/127\.0\.0\.1:1 \(from SLUICE_SERVER\)/);
});

test("help lists every command the project promises", async () => {
  const surroundings = makeSurroundings();
  expect(await runCli(["--help"], surroundings)).toBe(0);
  const commands = [
    "demo server agent token validate list-workloads list-images release promote rollback abort pipelines",
    "releases why confirm-prune policy automate deautomate lock unlock sync save identity completion events version",
  ];
  for (const command of commands.join(" ").split(" "))
    expect(surroundings.stdout()).toMatch(new RegExp(`^  ${command} `, "m"));
});

test("a fault of ours is called one", async () => {
  const surroundings = makeSurroundings();
  expect(await runCli(["demo"], surroundings)).toBe(1);
  expect(surroundings.stderr()).toContain("sluice: this test starts nothing");
  expect(surroundings.stderr()).toContain("a fault in Sluice");
});

test("demo hands its flags on and ends with the code of the world", async () => {
  const started: object[] = [];
  const told: object[] = [];
  const surroundings = makeSurroundings({ cwd: "/here", tell: (message) => void told.push(message) });
  const starters = {
    ...surroundings.starters,
    startDemo: async (options: object) => {
      started.push(options);
      return { url: "http://127.0.0.1:9", done: Promise.resolve(7) };
    },
  };
  expect(await runCli(["demo", "--port", "9", "--dir", "world"], { ...surroundings, starters })).toBe(7);
  expect(started).toEqual([{ port: 9, dir: "/here/world" }]);
  expect(told).toEqual([{ ready: "http://127.0.0.1:9" }]);
});

test("validate names file and line, and ends with 1 when something is wrong", async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  mkdirSync(join(folder.path, "good"));
  const environment = "apiVersion: sluice.dev/v1\nkind: Environment\nmetadata: { name: dev }\nspec:\n  cluster: dev\n";
  writeFileSync(join(folder.path, "good/dev.yaml"), `${environment}  git: { repository: "x", paths: [a] }\n`);
  const good = makeSurroundings({ cwd: folder.path });
  expect(await runCli(["validate", "good"], good)).toBe(0);
  expect(good.stdout()).toBe("1 file, 1 document, 0 objects: all good\n");

  writeFileSync(join(folder.path, "bad.yaml"), `${environment}  gitt: { repository: "x", paths: [a] }\n`);
  writeFileSync(join(folder.path, "broken.yml"), "a: [1\n");
  writeFileSync(
    join(folder.path, "web.yaml"),
    `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: { fluxcd.io/tag.web: "semver:nope" }
spec: { template: { spec: { containers: [{ name: web, image: "UPPER:x" }] } } }
`,
  );
  const bad = makeSurroundings({ cwd: folder.path });
  expect(await runCli(["validate", "."], bad)).toBe(1);
  expect(bad.stdout()).toMatch(/^bad\.yaml:6: .*"gitt" is not known here; did you mean "git"\?$/m);
  expect(bad.stdout()).toMatch(/^broken\.yml:\d+: /m);
  expect(bad.stdout()).toMatch(/^web\.yaml:1: Deployment web, tags of web: "semver:nope" is not a version constraint/m);
  expect(bad.stdout()).toMatch(/^web\.yaml:1: Deployment web, container web: "UPPER:x" is no image$/m);
  expect(bad.stdout().match(/broken\.yml/g)).toHaveLength(1);
});
