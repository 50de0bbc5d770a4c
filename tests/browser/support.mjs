// What the browser tests share: the program under test, its results, and a browser.
//
// SPSIM names the program (default: the debug build), CHROMIUM the browser, SCREENSHOTS a folder
// to leave pictures in.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const program = process.env.SPSIM ?? resolve(here, "../../target/debug/spsim");

export const folder = mkdtempSync(join(tmpdir(), "spsim-browser-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

export function spsim(args, input) {
  return execFileSync(program, args, { cwd: folder, encoding: "utf8", input, maxBuffer: 1 << 28 });
}

// Runs a scenario and gives its results folder and its summary.
export function run(name, args, input) {
  const out = join(folder, name);
  spsim(["run", ...args, "--port-map", "--quiet", "--format", "svg", "--out", out], input);
  return { out, summary: JSON.parse(readFileSync(join(out, "summary.json"), "utf8")) };
}

// The page over results folders, as an address.
export function report(name, folders) {
  const file = join(folder, `${name}.html`);
  spsim(["report", ...folders, "--out", file, "--quiet"]);
  return { url: pathToFileURL(file).href, bytes: readFileSync(file).length };
}

// The lab as it is committed.
export function labPage() {
  const file = resolve(here, "../../output/lab/index.html");
  return { file, url: pathToFileURL(file).href, bytes: readFileSync(file).length };
}

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

// A page that fails the test by any console error, exception or request beyond its own file.
export async function open(browser, url, options = {}, fragment = "") {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    const [asked] = request.url().split("#");
    // What the page has made itself comes from no network.
    if (asked !== url && !/^(blob|data):/.test(asked)) complaints.push(`asks for ${request.url()}`);
  });
  await page.goto(url + fragment);
  return { page, complaints, close: () => context.close() };
}

export async function screenshot(page, name) {
  if (process.env.SCREENSHOTS) {
    await page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), fullPage: true });
  }
}
