import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import type { MatrixView, WhyView } from "../../src/model/views.ts";
import { type StartedTrial, startTrial, untilGone } from "../demo/trial.ts";
import { findChromium } from "../support/chromium.ts";
import { temporaryFolder } from "../support/repository.ts";
import { until } from "../support/until.ts";

const folder = temporaryFolder();
const catalogue = "shop:deployment/catalogue";
let trial: StartedTrial;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  trial = await startTrial(folder.path, process.execPath, ["bin/sluice.mjs", "demo", "--port", "0"]);
  browser = await chromium.launch({ executablePath: findChromium()!, args: ["--no-sandbox"] });
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await until(
    "the shop to be healthy",
    async () => {
      const { rows } = await trial.get<MatrixView>("/api/v1/matrix");
      const cells = rows.flatMap((row) => Object.values(row.cells));
      return cells.length >= 40 && cells.every((cell) => ["healthy", "applied"].includes(cell?.verdict.state ?? ""));
    },
    60_000,
  );
}, 120_000);

afterAll(async () => {
  await browser?.close();
  trial?.child.kill("SIGTERM");
  if (trial !== undefined) await untilGone(trial);
  folder.remove();
}, 60_000);

async function untilRuns(environment: string, tag: string, workload = catalogue): Promise<void> {
  await until(
    `${workload} ${tag} healthy in ${environment}`,
    async () => {
      const cell = await trial.cell(environment, workload);
      return cell?.containers[0]?.version?.tag === tag && cell.verdict.state === "healthy";
    },
    60_000,
  );
}

test("a newcomer builds a version, sees it come to stage by itself, and takes it to both regions of prod", async () => {
  onTestFailed(async () => {
    console.error(
      `The page stood at ${page.url()}:\n${await page.locator("body").ariaSnapshot()}\n${complaints.join("\n")}`,
    );
  });
  await page.goto(trial.url);
  await page.getByText("catalogue", { exact: true }).first().waitFor();
  const { version } = await trial.post<{ version: string }>("/api/v1/trial/build", {
    service: "catalogue",
    kind: "good",
  });

  // The page shows it in dev without being asked again.
  await page.getByText(version).first().waitFor();
  for (const environment of ["dev", "stage-eu", "stage-us"]) await untilRuns(environment, version);

  // Prod waits, and the page says for whom.
  expect((await trial.cell("prod-eu", catalogue))?.containers[0]?.version?.tag).not.toBe(version);
  await page.getByText(`${version} waits for a person`).first().waitFor();
  const why = await trial.get<{ answers: WhyView[] }>("/api/v1/why?place=prod&workload=catalogue");
  expect(why.answers[0]?.why.text).toMatch(/waits for a person/);

  // Open the target, choose the source, select the workload, look at the preview, promote.
  await page.getByRole("main").getByText("Deploy", { exact: true }).click();
  await page.getByRole("combobox", { name: "Deploy to" }).selectOption({ label: "prod (prod-eu, then prod-us)" });
  await page.getByRole("combobox", { name: "From" }).selectOption({ label: "stage (stage-eu, stage-us)" });
  const workloads = page.getByRole("region", { name: "Workloads" });
  await workloads.getByRole("checkbox", { name: "catalogue", exact: true }).check();
  await page.getByText("1 selected of").waitFor();
  await page.getByLabel("Message").fill("The browser test takes it to prod");
  await page.getByRole("button", { name: "Promote selected" }).click();

  // Watch it: one region after the other, until both are verified.
  await page.waitForURL(/\/releases\/r-/);
  await page.getByRole("heading", { name: "Promote catalogue" }).waitFor();
  for (const region of ["prod-eu", "prod-us"])
    await page
      .getByRole("region", { name: region })
      .getByText("verified", { exact: true })
      .first()
      .waitFor({ timeout: 60_000 });
  await page.getByText("succeeded", { exact: true }).first().waitFor();
  for (const region of ["prod-eu", "prod-us"]) await untilRuns(region, version);
  expect(complaints).toEqual([]);
});

test("a workload is locked and unlocked on its page, each by a commit that says who and why", async () => {
  complaints.length = 0;
  await page.goto(`${trial.url}/workloads/shop/deployment/search?tab=policy`);
  const change = page.getByRole("button", { name: "Change the policy in dev" });
  const row = page.getByRole("row").filter({ has: change });
  await change.click();
  await page.getByRole("switch", { name: /^Locked/ }).click();
  await page.getByLabel("Why it is locked").fill("the index is being rebuilt");
  await page.getByText("Nothing moves it any more: the index is being rebuilt").waitFor();
  await page.getByRole("button", { name: "Write to Git" }).click();
  await row.getByText("by you: the index is being rebuilt").waitFor();
  expect((await trial.cell("dev", "shop:deployment/search"))?.locked).toEqual({
    by: "you",
    message: "the index is being rebuilt",
  });
  await change.click();
  await page.getByRole("switch", { name: /^Locked/ }).click();
  await page.getByRole("button", { name: "Write to Git" }).click();
  await row.getByText("none", { exact: true }).waitFor();
  expect((await trial.cell("dev", "shop:deployment/search"))?.locked).toBeUndefined();
  expect(complaints).toEqual([]);
});

test("a locked workload goes out only when somebody forces it, alone and with a reason that can be read afterwards", async () => {
  complaints.length = 0;
  const payment = "shop:deployment/payment";
  const { version } = await trial.post<{ version: string }>("/api/v1/trial/build", {
    service: "payment",
    kind: "good",
  });
  await untilRuns("stage-eu", version, payment);
  await untilRuns("stage-us", version, payment);
  await page.goto(`${trial.url}/deploy?to=shop/prod`);
  const workloads = page.getByRole("region", { name: "Workloads" });
  const box = workloads.getByRole("checkbox", { name: "payment", exact: true });
  expect(await box.isDisabled()).toBe(true);
  await workloads.getByRole("button", { name: "Force past the lock" }).click();
  await page.getByText("payment goes out although it is locked").waitFor();
  await workloads.getByText("What is forced goes alone").waitFor();
  await workloads.getByRole("checkbox", { name: "payment", exact: true, checked: true }).waitFor();
  expect(await workloads.getByRole("checkbox", { disabled: false }).count()).toBe(1);
  const button = page.getByRole("button", { name: "Force past the lock" });
  expect(await button.isDisabled()).toBe(true);
  await page.getByLabel("Message").fill("the bank is down");
  await button.click();
  await page.waitForURL(/\/releases\/r-/);
  await page.getByText("Forced past its lock").first().waitFor();
  await page.getByText("the bank is down").first().waitFor();
  await untilRuns("prod-eu", version, payment);
  expect((await trial.cell("prod-eu", payment))?.locked?.by).toMatch(/Ben/);
  expect(complaints).toEqual([]);
});
