// The report as its readers meet it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open, report, run, screenshot } from "./support.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
// What the page calls the columns of ports.csv that it shows.
const COLUMNS = { ports: "ports_in_use", connecting: "connecting", busy: "busy", idle: "idle",
  close_wait: "close_wait", time_wait: "time_wait", groups: "groups", queued: "queued",
  requests: "requests", failed: "failed", opened: "opened" };

let browser;
let article;
let page;
before(async () => {
  browser = await launch();
  article = run("article", ["kb2551125"]);
  page = report("article", [article.out]);
});
after(() => browser.close());

// The numbers of the instant: by strategy and by column.
async function moment(page) {
  const found = await page.locator("[data-readout]").evaluateAll((all) =>
    all.map(({ dataset }) => [dataset.strategy, dataset.readout, Number(dataset.value)]));
  const by = {};
  for (const [strategy, name, value] of found) (by[strategy] ??= {})[name] = value;
  return by;
}

// Moves the scrubber as a hand does.
async function scrub(page, at) {
  await page.locator(".scrubber").first().evaluate((slider, at) => {
    slider.value = String(at);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, at);
}

async function time(page) {
  return Number(await page.locator(".scrubber").first().inputValue());
}

// The rows of ports.csv, by strategy.
function rows(out) {
  const [head, ...lines] = readFileSync(join(out, "ports.csv"), "utf8").trimEnd().split("\n");
  const names = head.split(",");
  const by = {};
  for (const line of lines) {
    const [strategy, ...numbers] = line.split(",");
    const row = Object.fromEntries(numbers.map((it, at) => [names[at + 1], Number(it)]));
    (by[strategy] ??= []).push(row);
  }
  return by;
}

// Where the axis of a chart ends: its largest label.
async function axis(page) {
  return Math.max(...await page.locator("svg.plot").first().locator("text[text-anchor=end]")
    .evaluateAll((all) => all.map((it) => Number(it.textContent.replaceAll(",", "")))
      .filter(Number.isFinite)));
}

// How many cells of a strategy's map have the colour of a state.
async function cells(page, strategy, state) {
  return page.locator(".map canvas").nth(strategy).evaluate((canvas, state) => {
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    [probe.canvas.width, probe.canvas.height] = [canvas.width, canvas.height];
    probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(`--${state}`);
    probe.fillRect(0, 0, 1, 1);
    const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
    probe.clearRect(0, 0, 1, 1);
    probe.drawImage(canvas, 0, 0);
    const { data } = probe.getImageData(0, 0, canvas.width, canvas.height);
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
  assert.equal(numbers["as is"].ports, asIs.ports.peak);
  assert.equal(numbers["as is"].ports, asIs.ports.limit);
  assert.equal(numbers["as is"].opened, asIs.connections.opened);
  assert.equal(numbers["as is"].failed, 1, "the first refused connect is the one of this moment");
  assert.equal(await cells(tab, 0, "free"), 0, "every cell of the map is taken");
  assert.ok(await cells(tab, 1, "free") > 0);
  assert.equal(await time(tab), asIs.exhausted_at_s);
  const said = tab.locator("[aria-live]").filter({
    hasText: "At 98.4 s: as is: 5,000 of 5,000 ports, 1 failed request",
  });
  await said.waitFor({ state: "attached" });
  assert.match(await said.textContent(), /; 16 groups: \d+ of 5,000 ports;/);
  assert.deepEqual(complaints, []);
  await close();
});

test("at any instant the numbers are those of ports.csv", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  const all = rows(article.out);
  const outs = article.summary.strategies.map((it) => it.exhausted_at_s).filter(Number.isFinite);
  const times = all["as is"].map((row) => row.time_s);
  let state = 4711;
  for (let look = 0; look < 40; look += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const place = look < 2 ? look * (times.length - 1) : state % times.length;
    // A row holds until the next, and the instant of the exhaustion is none of them.
    const between = times[place] + (look % 2 ? 0 : 0.25);
    const at = outs.some((out) => out > times[place] && out <= between) ? times[place] : between;
    await scrub(tab, at);
    const shown = await moment(tab);
    assert.deepEqual(Object.keys(shown), Object.keys(all));
    for (const [strategy, numbers] of Object.entries(shown)) {
      for (const [name, column] of Object.entries(COLUMNS))
        assert.equal(numbers[name], all[strategy][place][column], `${strategy}, ${at} s: ${name}`);
    }
  }
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
    assert.equal(shown.ports, strategy.ports.final, strategy.name);
    assert.equal(shown.requests, strategy.requests.submitted, strategy.name);
    assert.equal(shown.failed, strategy.requests.failed + strategy.requests.timed_out);
    assert.equal(shown.opened, strategy.connections.opened, strategy.name);
  }
  await tab.keyboard.press("Home");
  assert.equal((await moment(tab))["as is"].requests, 0);
  await tab.keyboard.press("ArrowRight");
  assert.notEqual((await moment(tab))["as is"].requests, 0);
  assert.equal(await time(tab), 0.5, "one recorded instant on");
  await tab.keyboard.press("Shift+ArrowRight");
  assert.equal(await time(tab), 10.5);
  await tab.keyboard.press("ArrowLeft");
  assert.equal(await time(tab), 10);

  await tab.getByLabel("Speed").selectOption("fast");
  await slider.focus();
  await tab.keyboard.press("Space");
  await tab.waitForFunction(() => Number(document.querySelector(".scrubber").value) > 20);
  await tab.keyboard.press("Space");
  const stopped = await time(tab);
  await tab.waitForTimeout(300);
  assert.equal(await time(tab), stopped, "it stands still");

  const box = tab.getByRole("checkbox", { name: "16 groups" });
  await box.focus();
  await tab.keyboard.press("Space");
  assert.deepEqual(Object.keys(await moment(tab)), ["as is", "keep-alive off", "close groups every 30 s"]);
  assert.equal(await tab.locator("[data-place='1']:visible").count(), 0);
  assert.equal(await tab.locator(".map canvas").count(), 3);
  await tab.keyboard.press("Space");
  assert.equal(await tab.locator(".map canvas").count(), 4);
  assert.ok(await tab.locator("[data-place='1']:visible").count() > 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("played from where nobody has been, it begins at the start", async () => {
  const { page: tab, close } = await open(browser, page.url);
  assert.ok(await time(tab) > 90, "the exhaustion is what is shown");
  await tab.getByRole("button", { name: "Play" }).click();
  await tab.waitForFunction(() => Number(document.querySelector(".scrubber").value) < 60);
  await close();
});

test("a port can be asked for by its number, and by a click", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  const counts = tab.locator(".maps .count");
  await scrub(tab, 0);
  await tab.getByLabel(/What is port/).fill("1100");
  assert.match(await counts.nth(0).textContent(), /Port 1100: free/);
  await scrub(tab, 200);
  assert.match(await counts.nth(0).textContent(), /Port 1100: idle/);
  await tab.getByLabel(/What is port/).fill("80");
  assert.match(await counts.nth(0).textContent(), /There is no port 80/);
  await tab.locator(".map canvas").first().click({ position: { x: 1, y: 1 } });
  const first = JSON.parse(await tab.locator("#data").textContent())[0].map.strategies[0].first;
  assert.equal(Number(await tab.getByLabel(/What is port/).inputValue()), first);
  assert.deepEqual(complaints, []);
  await close();
});

test("without JavaScript the charts, the sentences and the tables are there", async () => {
  const { page: tab, close } = await open(browser, page.url, { javaScriptEnabled: false });
  assert.equal(await tab.locator("svg.chart:visible").count(),
    2 + article.summary.strategies.length, "ports, failures, and the states of each");
  assert.equal(await tab.locator(".player, .map").count(), 0);
  const text = await tab.locator("main").innerText();
  for (const sentence of article.summary.findings.sentences) assert.ok(text.includes(sentence));
  const row = await tab.locator("table").first().locator("tbody tr").first().innerText();
  assert.match(row, /as is\s+exhausted\s+5,000 of 5,000/);
  await screenshot(tab, "without-javascript");
  await close();
});

test("there is one chart of ports: the drawn one goes where the live one comes", async () => {
  const { page: tab, close } = await open(browser, page.url);
  assert.deepEqual(await tab.locator("svg.plot").evaluateAll((all) =>
    all.map((it) => it.getAttribute("aria-label").split(" over ")[0])),
  ["ports in use", "failed requests so far"]);
  assert.equal(await tab.locator(".still, .lines").count(), 0);
  assert.equal(await tab.locator("svg.chart").count(), article.summary.strategies.length);
  await close();
});

test("chart, maps, failures and player are on the first screen", async () => {
  const size = { viewport: { width: 1280, height: 800 } };
  const { page: tab, close } = await open(browser, page.url, size);
  for (const part of ["svg.plot >> nth=0", "svg.plot >> nth=1", ".map canvas >> nth=3", ".player"]) {
    const box = await tab.locator(part).boundingBox();
    assert.ok(box.y + box.height <= 800, `${part} ends at ${box.y + box.height}`);
  }
  await close();
});

test("a link leads to a moment and to strategies", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  await tab.getByRole("button", { name: /Out of ports: as is/ }).click();
  await tab.getByRole("checkbox", { name: "16 groups" }).uncheck();
  await tab.waitForFunction(() => location.hash.includes("strategy="));
  const fragment = new URL(tab.url()).hash;
  assert.match(fragment, /^#r0&strategy=as%20is&.*&t=98\.38/);
  const before = await moment(tab);
  assert.equal(Object.keys(before).length, 3);
  // Within the page, and anew.
  await tab.evaluate(() => { location.hash = "#r0&t=5"; });
  await tab.waitForFunction(() => Number(document.querySelector(".scrubber").value) === 5);
  assert.equal(Object.keys(await moment(tab)).length, 4);
  await tab.evaluate((fragment) => { location.hash = fragment; }, fragment);
  await tab.waitForFunction(() => Number(document.querySelector(".scrubber").value) > 98);
  assert.deepEqual(await moment(tab), before);
  await tab.reload();
  assert.deepEqual(await moment(tab), before);
  assert.deepEqual(complaints, []);
  await close();
});

for (const fragment of ["#r9&t=5", "#r0&t=abc", "#r0&t=-1", "#r0&t=1e99", "#r0&t=", "#%E0%A4%A&t=1", "#&&&=&",
  "#r0&strategy=nobody", "#r0&strategy=%00", "#r0&lesson=3", "#r0&set=a=b", `#r0&x=${"y".repeat(70_000)}`,
  "#r0&t=5&<img src=x onerror=alert(1)>", "#__proto__&t=1"]) {
  test(`a mangled link gives a working page and a message: ${fragment.slice(0, 50)}`, async () => {
    const { page: tab, complaints, close } = await open(browser, page.url, {}, fragment);
    assert.match(await tab.locator(".message").textContent(), /^Of this link: ./);
    await tab.getByRole("button", { name: /Out of ports: as is/ }).click();
    assert.equal((await moment(tab))["as is"].ports, 5000);
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("without the strategy that leaks the axis ends where the others do", async () => {
  const { page: tab, complaints, close } = await open(browser, page.url);
  assert.equal(await axis(tab), 5000);
  await tab.getByRole("checkbox", { name: "as is" }).uncheck();
  await tab.getByRole("checkbox", { name: "close groups every 30 s" }).uncheck();
  const peak = article.summary.strategies.find((it) => it.name === "16 groups").ports.peak;
  const end = await axis(tab);
  assert.ok(end > 0.7 * peak && end < 1.2 * peak, `${end} for ${peak}`);
  await tab.getByRole("checkbox", { name: "as is" }).check();
  assert.equal(await axis(tab), 5000);
  for (const box of await tab.locator(".toggles input").all()) await box.uncheck();
  assert.equal(await tab.locator("svg.plot").first().isVisible(), true, "with none there is an empty chart");
  assert.deepEqual(complaints, []);
  await close();
});

test("the cells of a map are whole pixels at any width", async () => {
  for (const width of [500, 777, 1001, 1333]) {
    const { page: tab, close } = await open(browser, page.url, { viewport: { width, height: 900 } });
    const maps = await tab.locator(".map canvas").evaluateAll((all) =>
      all.map((it) => it.width - it.getBoundingClientRect().width));
    assert.deepEqual(maps.map((off) => Math.abs(off) < 0.01), [true, true, true, true], `${width}`);
    await close();
  }
});

test("printed, it shows the maps at the moment that is shown, on white", async () => {
  const dark = { colorScheme: "dark" };
  const { page: tab, complaints, close } = await open(browser, page.url, dark, "#r0&t=150");
  const corner = () => tab.locator(".map canvas").nth(1).evaluate((canvas) => {
    const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    probe.drawImage(canvas, canvas.width - 3, 20, 1, 1, 0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data];
  });
  const [onScreen] = await corner();
  assert.ok(onScreen < 100, "a free port is dark on a dark page");
  await tab.emulateMedia({ media: "print", colorScheme: "dark" });
  assert.equal(await tab.locator(".player").isVisible(), false);
  assert.match(await tab.locator(".moment").innerText(), /At 2:30\.0/);
  assert.equal(await tab.locator("svg.plot").count(), 2);
  for (const picture of await tab.locator(".map canvas, svg.plot").all()) {
    const box = await picture.boundingBox();
    assert.ok(box.width > 100 && box.height > 50, JSON.stringify(box));
  }
  const [onPaper] = await corner();
  assert.ok(onPaper > 200, "and light on paper");
  assert.equal(await cells(tab, 0, "free"), 0);
  await screenshot(tab, "printed");
  assert.ok((await tab.pdf()).length > 10_000);
  assert.deepEqual(complaints, []);
  await close();
});

test("who wants no motion gets stills", async () => {
  const { page: tab, close } = await open(browser, page.url, { reducedMotion: "reduce" });
  await tab.getByRole("button", { name: "Play" }).click();
  const pictures = await tab.evaluate(() => new Promise((done) => {
    const seen = new Set();
    const start = performance.now();
    const look = (now) => {
      seen.add(document.querySelector(".scrubber").value);
      if (now - start < 1800) requestAnimationFrame(look);
      else done(seen.size);
    };
    requestAnimationFrame(look);
  }));
  assert.ok(pictures >= 2 && pictures <= 5, `${pictures} pictures`);
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [400, 800, 1280, 1600]) {
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
  assert.equal(Number(await sliders.nth(1).inputValue()), closing.summary.duration_s);
  assert.equal(Number(await sliders.nth(0).inputValue()), 98.385318705, "the other stays where it was");
  await tab.goto(`${both.url}#r1&t=30`);
  await tab.waitForFunction(() => Number(document.querySelectorAll(".scrubber")[1].value) === 30);
  assert.ok(await tab.evaluate(() => scrollY) > 500, "the page goes there");
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
