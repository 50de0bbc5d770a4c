// The report as its readers meet it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, open, report, run, screenshot } from "./support.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const COLUMNS = ["ports in use", "connecting", "busy", "idle", "CLOSE_WAIT", "TIME_WAIT",
  "groups", "queued", "requests", "failed", "opened"];

let browser;
let article;
let page;
before(async () => {
  browser = await launch();
  article = run("article", ["kb2551125"]);
  page = report("article", [article.out]);
});
after(() => browser.close());

// The table of the moment: for each strategy its numbers by column.
async function moment(page) {
  const rows = await page.locator(".moment tbody tr").evaluateAll((all) =>
    all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  return Object.fromEntries(rows.map(([name, ...cells]) =>
    [name, Object.fromEntries(cells.map((text, at) =>
      [COLUMNS[at], Number(text.replaceAll(",", ""))]))]));
}

// How many cells of a strategy's map have the colour of a state.
async function cells(page, strategy, state) {
  return page.locator("canvas.map").nth(strategy).evaluate((canvas, state) => {
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${state}`);
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let pixels = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3]) {
        pixels += 1;
      }
    }
    return pixels;
  }, state);
}

test("the page is small and asks nobody for anything", async () => {
  assert.ok(page.bytes < 2_000_000, `${page.bytes} bytes`);
  const { page: tab, complaints, close } = await open(browser, page.url);
  await tab.locator(".play").waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("scrubbed to the exhaustion it shows what summary.json says", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  const asIs = article.summary.strategies.find((it) => it.name === "as is");
  await tab.getByRole("button", { name: /Out of ports: as is/ }).click();
  const numbers = await moment(tab);
  assert.equal(numbers["as is"]["ports in use"], asIs.ports.peak);
  assert.equal(numbers["as is"]["ports in use"], asIs.ports.limit);
  assert.equal(numbers["as is"].opened, asIs.connections.opened);
  assert.equal(numbers["as is"].failed, 1, "the first refused connect is the one of this moment");
  assert.equal(await cells(tab, 0, "free"), 0, "every cell of the map is taken");
  assert.ok(await cells(tab, 1, "free") > 0);
  const said = await tab.locator("[aria-live]").textContent();
  assert.match(said, /as is: 5,000 of 5,000 ports; 16 groups: \d+ of 5,000 ports/);
  const value = await tab.locator(".time").evaluate((slider) => Number(slider.value));
  const times = await tab.evaluate(() =>
    JSON.parse(document.getElementById("data").textContent)[0].times);
  assert.equal(times[value], asIs.exhausted_at_s);
  assert.deepEqual(complaints, []);
  await close();
});

test("the keyboard reaches everything", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  const slider = tab.getByLabel("Simulated time");
  await slider.focus();
  await tab.keyboard.press("End");
  const numbers = await moment(tab);
  for (const strategy of article.summary.strategies) {
    const shown = numbers[strategy.name];
    assert.equal(shown["ports in use"], strategy.ports.final, strategy.name);
    assert.equal(shown.requests, strategy.requests.submitted, strategy.name);
    assert.equal(shown.failed, strategy.requests.failed + strategy.requests.timed_out);
    assert.equal(shown.opened, strategy.connections.opened, strategy.name);
  }
  await tab.keyboard.press("Home");
  assert.equal((await moment(tab))["as is"].requests, 0);
  await tab.keyboard.press("ArrowRight");
  assert.notEqual((await moment(tab))["as is"].requests, 0);

  await tab.getByLabel("Whole run in").selectOption("5");
  const play = tab.getByRole("button", { name: "Play" });
  await play.focus();
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => Number(document.querySelector(".time").value) > 20);
  await tab.keyboard.press("Enter");
  const stopped = await slider.inputValue();
  await tab.waitForTimeout(300);
  assert.equal(await slider.inputValue(), stopped, "it stands still");

  const box = tab.getByRole("checkbox", { name: "16 groups" });
  await box.focus();
  await tab.keyboard.press("Space");
  assert.equal(await tab.locator("[data-strategy='1']:visible").count(), 0);
  await tab.keyboard.press("Space");
  assert.ok(await tab.locator("[data-strategy='1']:visible").count() > 4);
  assert.deepEqual(complaints, []);
  await close();
});

test("hovering over the chart names every strategy's ports", async () => {
  const { page: tab, close } = await open(browser, page.url);
  const chart = tab.locator(".lines svg.chart").first();
  await chart.hover();
  const tip = await tab.locator(".tip").innerText();
  for (const strategy of article.summary.strategies) {
    assert.ok(tip.includes(`${strategy.name}: `), tip);
  }
  await close();
});

test("without JavaScript the charts, the sentences and the tables are there", async () => {
  const { page: tab, close } = await open(browser, page.url, { javaScriptEnabled: false });
  assert.equal(await tab.locator("svg.chart:visible").count(),
    2 + article.summary.strategies.length, "ports, failures, and the states of each");
  assert.equal(await tab.locator(".clock:visible, .moment:visible").count(), 0);
  const text = await tab.locator("main").innerText();
  for (const sentence of article.summary.findings.sentences) assert.ok(text.includes(sentence));
  const row = await tab.locator("table").first().locator("tbody tr").first().innerText();
  assert.match(row, /as is\s+exhausted\s+5,000 of 5,000/);
  await screenshot(tab, "without-javascript");
  await close();
});

test("the chart is on the first screen, and failures have one", async () => {
  const size = { viewport: { width: 1280, height: 800 } };
  const { page: tab, close } = await open(browser, page.url, size);
  const chart = await tab.locator(".lines svg.chart").first().boundingBox();
  assert.ok(chart.y + 250 < 800, `the chart begins at ${chart.y}`);
  assert.match(await tab.locator(".failures figcaption").textContent(), /Failed requests/);
  await close();
});

test("a link leads to a moment", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  await tab.getByRole("button", { name: /Out of ports: as is/ }).click();
  const fragment = new URL(tab.url()).hash;
  assert.match(fragment, /^#r0&t=98\.38/);
  const before = await moment(tab);
  await tab.goto(`${page.url}#r0`);
  await tab.goto(page.url + fragment);
  await tab.reload();
  assert.deepEqual(await moment(tab), before);
  assert.deepEqual(complaints, []);
  await close();
});

test("without the strategy that leaks the axis ends where the others do", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  await tab.getByRole("checkbox", { name: "as is" }).uncheck();
  await tab.getByRole("checkbox", { name: "close groups every 30 s" }).uncheck();
  const most = Math.max(...await tab.locator(".rescaled text").evaluateAll((all) =>
    all.map((it) => Number(it.textContent)).filter(Number.isFinite)));
  assert.equal(most, article.summary.strategies.find((it) => it.name === "16 groups").ports.peak);
  await tab.getByRole("checkbox", { name: "as is" }).check();
  await tab.getByRole("checkbox", { name: "close groups every 30 s" }).check();
  assert.equal(await tab.locator(".rescaled").count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("the cells of a map are whole pixels at any width", async () => {
  for (const width of [500, 777, 1001, 1333]) {
    const { page: tab, close } = await open(browser, page.url, { viewport: { width, height: 900 } });
    const maps = await tab.locator("canvas.map").evaluateAll((all) =>
      all.map((it) => it.width - it.getBoundingClientRect().width));
    assert.deepEqual(maps.map((off) => Math.abs(off) < 0.01), maps.map(() => true), `${width}`);
    await close();
  }
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [400, 1600]) {
    test(`nothing keeps readers out: ${colorScheme}, ${width} pixels`, async () => {
      const size = { viewport: { width, height: 900 }, colorScheme };
      const { page: tab, complaints, close } = await open(browser, page.url, size);
      await tab.getByRole("button", { name: /Out of ports: as is/ }).click();
      const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `the page is ${wide} pixels wide`);
      await screenshot(tab, `${colorScheme}-${width}`);
      // The page's own policy forbids added scripts; `evaluate` runs beside it.
      await tab.evaluate(AXE);
      const { violations } = await tab.evaluate(() => globalThis.axe.run());
      const serious = violations.filter((it) => ["serious", "critical"].includes(it.impact));
      const described = serious.map((it) =>
        `${it.id}: ${it.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
      assert.deepEqual(described, []);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
}

test("several folders stand on one page, each with its own clock", async () => {
  const closing = run("closing", ["keep-alive-off-time-wait"]);
  const both = report("both", [article.out, closing.out]);
  const { page: tab, complaints, close } = await open(browser, both.url);
  assert.equal(await tab.locator("section.result").count(), 2);
  const sliders = tab.getByLabel("Simulated time");
  await sliders.nth(1).focus();
  await tab.keyboard.press("End");
  assert.equal(await sliders.nth(0).inputValue(), "0");
  await screenshot(tab, "two-scenarios");
  assert.deepEqual(complaints, []);
  await close();
});

test("markup in a scenario is shown, not obeyed", async () => {
  const title = "</script><img src=x onerror=alert(1)> & <b>bold</b> \"q\" 'a'";
  const name = "<script>document.title='taken'</script>";
  const hostile = run("hostile", ["-"], `
    title = ${JSON.stringify(title)}
    question = ${JSON.stringify(`${title} ]]> --> <!--`)}
    duration = "5s"
    client.a = {}
    server.s = { uri = "http://h/", response-time = "10ms" }
    workload.w = { group = "unique", arrivals = { every = "100ms" } }
    [[strategy]]
    name = ${JSON.stringify(name)}
  `);
  const { url } = report("hostile", [hostile.out]);
  const { page: tab, complaints, close } = await open(browser, url);
  assert.equal(await tab.locator("h1").textContent(), title);
  assert.equal(await tab.title(), title);
  assert.equal(await tab.locator("main img, main script, main b").count(), 0);
  assert.equal(await tab.getByRole("checkbox", { name }).count(), 1);
  assert.deepEqual(complaints, []);
  await close();
});
