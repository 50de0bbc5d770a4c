// The lab as a student meets it: its lessons, its numbers, its links.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { folder, labPage, launch, open, screenshot, spsim } from "./support.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const READOUTS = ["ports", "free", "failed", "answered", "groups", "connections"];
const LESSONS = 9;

let browser;
let lab;
before(async () => {
  browser = await launch();
  lab = labPage();
});
after(() => browser.close());

/** The lab at a fragment, once what it shows is there. */
async function visit(fragment, options = {}) {
  const size = { viewport: { width: 1280, height: 720 }, ...options };
  const opened = await open(browser, lab.url, size, fragment);
  await ready(opened.page);
  return opened;
}

async function ready(page) {
  await page.locator("main:not(.busy) .course").waitFor();
}

/** Every number shown, by strategy and name. */
async function readouts(page) {
  const found = await page.locator("[data-readout]").evaluateAll((all) =>
    all.map(({ dataset }) => [dataset.strategy, dataset.readout, Number(dataset.value)]));
  const by = {};
  for (const [strategy, name, value] of found) (by[strategy] ??= {})[name] = value;
  return by;
}

/** What the program says at an instant, by strategy. */
function inspected(scenario, at, strategies) {
  const named = strategies.flatMap((name) => ["--strategy", name]);
  const text = spsim(["inspect", scenario, "--at", `${at}s`, "--view", "json", ...named]);
  const all = JSON.parse(text).strategies;
  return Object.fromEntries(all.map(({ name, readout }) => [name, readout]));
}

/** Numbers that are the same every time. */
function dice(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

test("it is one small file that asks nobody for anything", async () => {
  assert.ok(lab.bytes < 1_500_000, `${lab.bytes} bytes`);
  const { page, complaints, close } = await visit("");
  assert.match(await page.locator(".course").textContent(), /One request/);
  assert.deepEqual(complaints, []);
  await close();
});

test("spsim lab writes the committed page", () => {
  spsim(["lab", "--out", join(folder, "written.html"), "--quiet"]);
  assert.ok(readFileSync(join(folder, "written.html")).equals(readFileSync(lab.file)));
});

for (let number = 1; number <= LESSONS; number += 1) {
  test(`lesson ${number} is taken from start to end, and what it claims is so`, async () => {
    const { page, complaints, close } = await visit(`#lesson=${number}`);
    const course = page.locator(`[data-lesson="${number}"]`);
    assert.equal(await course.count(), 1);
    if (number < LESSONS) {
      const box = await page.locator("svg.plot").boundingBox();
      await page.mouse.move(box.x + 80, box.y + box.height - 60);
      await page.mouse.down();
      for (let step = 1; step <= 10; step += 1)
        await page.mouse.move(box.x + 80 + step * (box.width - 120) / 10, box.y + box.height - 60 - step * 12);
      await page.mouse.up();
      assert.equal(await page.locator(".sketch").count(), 1, "the guess is drawn");
      await screenshot(page, `lesson-${number}-guess`);
      await page.locator("[data-action=reveal]").click();
      await page.getByRole("button", { name: "Explain it now" }).click();
      await screenshot(page, `lesson-${number}`);
    }
    const scenario = await scenarioOf(page);
    const claims = await page.locator("[data-claim]").evaluateAll((all) =>
      all.map(({ dataset }) => ({ ...dataset })));
    assert.ok(number === LESSONS || claims.length > 0, "it claims something");
    for (const { claim, claimStrategy, claimAt, claimValue } of claims) {
      const readout = inspected(scenario, claimAt, [claimStrategy])[claimStrategy];
      assert.equal(readout[claim], Number(claimValue), `${claimStrategy}: ${claim} at ${claimAt} s`);
    }
    if (number < LESSONS) {
      for (const choice of await page.locator(".choices button").all()) {
        await choice.click();
        await ready(page);
        assert.equal(await page.locator(".problems").count(), 0, await choice.textContent());
      }
      await page.getByRole("button", { name: /^Next/ }).click();
      await page.locator(`[data-lesson="${number + 1}"]`).waitFor();
    }
    assert.deepEqual(complaints, []);
    await close();
  });
}

/** What the program is given for the scenario of a lesson. */
async function scenarioOf(page) {
  await page.locator(".take summary").click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save TOML" }).click();
  const saved = await download;
  const file = join(folder, saved.suggestedFilename());
  await saved.saveAs(file);
  return file;
}

test("the trickle: at 99 s nothing comes back, at 101 s everything does", async () => {
  const { page, close } = await visit("#lesson=3&t=1195");
  const ports = async (label) => {
    await page.getByRole("button", { name: label, exact: true }).click();
    await ready(page);
    return (await readouts(page))[".NET 4.0"].ports;
  };
  assert.equal(await ports("every 99 s"), 13);
  assert.equal(await ports("every 101 s"), 1);
  await close();
});

test("at any instant of any scenario the numbers are those of spsim inspect", async () => {
  const { page, complaints, close } = await visit("#scenario=kb2551125");
  const names = await page.locator("[data-key=scenario] option").evaluateAll((all) =>
    all.map((option) => option.value));
  assert.ok(names.length > 10);
  const random = dice(20_111);
  for (const name of names) {
    await page.goto(`${lab.url}#scenario=${name}`);
    await page.locator("[data-key=scenario]").waitFor();
    // The largest has six recordings of a million events, and the machine may have more to do.
    await page.waitForFunction((name) =>
      document.querySelector("main:not(.busy) [data-key=scenario]")?.value === name, name, { timeout: 120_000 });
    const duration = Number(await page.locator(".scrubber").getAttribute("max"));
    for (let look = 0; look < 2; look += 1) {
      const at = Number((random() * duration).toFixed(3));
      await page.locator(".scrubber").evaluate((slider, at) => {
        slider.value = String(at);
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      }, at);
      const shown = await readouts(page);
      const expected = inspected(name, at, Object.keys(shown));
      for (const [strategy, numbers] of Object.entries(shown)) {
        assert.equal(numbers.time, at);
        for (const which of READOUTS)
          assert.equal(numbers[which], expected[strategy][which], `${name}, ${strategy}, ${at} s: ${which}`);
      }
    }
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a link opens what it says", async () => {
  const { page, complaints, close } = await visit(
    "#scenario=kb2551125&strategy=16%20groups&strategy=as%20is&t=98.5&set=machine.ports%3D4000");
  const shown = await readouts(page);
  assert.deepEqual(Object.keys(shown).sort(), ["16 groups", "as is"]);
  assert.deepEqual([shown["as is"].ports, shown["as is"].free], [4000, 0]);
  assert.equal(shown["as is"].time, 98.5);
  assert.equal(await page.locator(".message").count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});

const MANGLED = ["#lesson=0", "#lesson=99", "#lesson=x", "#scenario=nothing", "#scenario=trickle&t=-1",
  "#scenario=trickle&t=abc", "#scenario=trickle&t=1e99", "#%", "#%E0%A4%A", "#&&&=&", "#set", "#a=b",
  "#scenario=trickle&set=machine.ports", "#scenario=trickle&set=machine.ports=-5",
  "#scenario=trickle&set=nobody.knows=1", "#scenario=trickle&strategy=nobody",
  "#scenario=trickle&strategy=%00", `#toml=${encodeURIComponent("duration = ")}`,
  `#x=${"y".repeat(70_000)}`, "#scenario=<img src=x onerror=alert(1)>", "#__proto__=1&constructor=2"];
for (const fragment of MANGLED) {
  test(`a mangled link gives a working page and a message: ${fragment.slice(0, 60)}`, async () => {
    const { page, complaints, close } = await visit(fragment);
    assert.notEqual(await page.locator(".message, .problems").first().textContent(), "");
    await page.goto(`${lab.url}#lesson=2`);
    await page.locator('[data-lesson="2"]').waitFor();
    await ready(page);
    await page.locator("[data-action=reveal]").click();
    assert.ok(await page.locator("[data-readout=ports]").count() > 0, "it works");
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("every control at its extremes leaves a page that works", async () => {
  const { page, complaints, close } = await visit("#scenario=kb2551125");
  const keys = await page.locator(".settings [data-key]").evaluateAll((all) =>
    all.map(({ dataset, tagName, options }) =>
      [dataset.key, tagName === "SELECT" ? [options[1].value, options[options.length - 1].value]
        : ["0", "never", "1ns", "999999999d", "-1", "<b>", "1000000"]]));
  for (const [key, values] of keys) {
    for (const value of values) {
      const control = page.locator(`[data-key="${key}"]`);
      if (await control.evaluate((it) => it.tagName === "SELECT")) await control.selectOption(value);
      else {
        await control.fill(value);
        await control.dispatchEvent("change");
      }
      await ready(page);
      assert.ok(await page.locator("[data-readout=ports]").count() > 0, `${key} = ${value}`);
    }
    await page.goto(`${lab.url}#scenario=kb2551125`);
    await page.reload();
    await ready(page);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a scenario with errors is told of with their places, and a run that is too long with a bound", async () => {
  const { page, complaints, close } = await visit("#scenario=trickle");
  const attempt = async (text) => {
    if (!(await page.locator("textarea").count()))
      await page.getByRole("button", { name: "Edit the scenario" }).click();
    await page.locator("textarea").fill(text);
    await page.getByRole("button", { name: "Run it" }).click();
    await ready(page);
    return page.locator(".problems").innerText();
  };
  const wrong = await attempt('duration = "5min"\n[machine]\nprots = 5\n[client.a]\nruntime = "net39"\n');
  assert.match(wrong, /line 3: .*prots/);
  assert.match(wrong, /line 5: .*net39/);
  await screenshot(page, "errors");
  const long = await attempt('duration = "300d"\n[client.a]\n[server.s]\nuri = "http://h/"\nresponse-time = "1s"\n'
    + '[workload.w]\narrivals = { every = "1ms" }\n');
  assert.match(long, /requests, more than/);
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("[data-readout=ports]").count() > 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("the keyboard does everything", async () => {
  const { page, complaints, close } = await visit("#lesson=1&t=0");
  const time = async () => Number(await page.locator("[data-readout=time]").getAttribute("data-value"));
  // Back to before the first event: the link leads behind all of its instant.
  for (let step = 0; step < 12; step += 1) await page.keyboard.press("ArrowLeft");
  const sentences = [];
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("ArrowRight");
    sentences.push(await page.locator(".sentence").textContent());
  }
  assert.ok(new Set(sentences).size > 8, sentences.join("\n"));
  assert.match(sentences.join("\n"), /takes port/);
  const before = await time();
  await page.keyboard.press("Shift+ArrowRight");
  assert.equal(await time(), before + 10);
  await page.keyboard.press("Shift+ArrowLeft");
  assert.equal(await time(), before);
  await page.keyboard.press("Space");
  await page.waitForFunction((before) =>
    Number(document.querySelector("[data-readout=time]").dataset.value) > before + 2, before);
  await page.keyboard.press("Space");
  const stopped = await time();
  await page.waitForTimeout(200);
  assert.equal(await time(), stopped);
  await page.keyboard.press("t");
  await page.keyboard.press("p");
  const large = await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector(".course p")).fontSize));
  assert.ok(large >= 22, `${large} px`);
  await screenshot(page, "presenting");
  await page.keyboard.press("p");
  await page.keyboard.press("?");
  assert.equal(await page.getByRole("dialog").count(), 1);
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.keyboard.press("4");
  await page.locator('[data-lesson="4"]').waitFor();
  assert.deepEqual(complaints, []);
  await close();
});

test("1,000 requests a second play smoothly", async () => {
  const { page, complaints, close } = await visit(
    "#scenario=kb2551125&strategy=as%20is&set=workload.orders.arrivals%3D%7B%20poisson%20%3D%20%7B%20rate%20%3D%201000%20%7D%20%7D&set=duration%3D20s");
  // The page's own work, by the clock of its thread: what else the machine does is not its fault.
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find((it) => it.name === "TaskDuration").value * 1000;
  };
  await page.keyboard.press("Space");
  const before = await worked();
  const frames = await page.evaluate(() => new Promise((done) => {
    const start = performance.now();
    let frames = 0;
    const frame = (now) => {
      frames += 1;
      if (now - start < 3000) requestAnimationFrame(frame);
      else done(frames);
    };
    requestAnimationFrame(frame);
  }));
  const work = (await worked() - before) / frames;
  assert.ok(frames > 20 && work > 0.1, `${frames} frames were watched`);
  assert.ok(work < 1000 / 60, `a frame takes ${work.toFixed(1)} ms of work`);
  assert.deepEqual(complaints, []);
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [400, 800, 1280, 1920]) {
    test(`nothing keeps anybody out: ${colorScheme}, ${width} pixels`, async () => {
      const size = { viewport: { width, height: width < 500 ? 800 : 900 }, colorScheme };
      for (const fragment of ["#lesson=3", "#lesson=6&t=120", "#scenario=kb2551125&t=150"]) {
        const { page, complaints, close } = await visit(fragment, size);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${fragment} is ${wide} pixels wide`);
        await screenshot(page, `lab-${colorScheme}-${width}-${fragment.replace(/\W+/g, "-")}`);
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => globalThis.axe.run());
        assert.deepEqual(violations.map((it) =>
          `${it.id}: ${it.nodes.slice(0, 3).map((node) => node.html).join(" | ")}`), []);
        assert.deepEqual(complaints, []);
        await close();
      }
    });
  }
}

test("at 1280 by 720 nothing has to be scrolled", async () => {
  const { page, close } = await visit("#lesson=4&t=150");
  const high = await page.evaluate(() => document.documentElement.scrollHeight);
  assert.ok(high <= 720, `${high} pixels high`);
  await close();
});

test("who wants no motion gets stills", async () => {
  const { page, close } = await visit("#lesson=2", { reducedMotion: "reduce" });
  await page.locator("[data-action=reveal]").click();
  await page.getByRole("button", { name: /^Next/ }).waitFor({ timeout: 2000 });
  await close();
});

test("the picture, the rows and the scenario can be taken along", async () => {
  const { page, close } = await visit("#scenario=kb2551125&t=150");
  await page.locator(".take summary").click();
  const taken = async (name) => {
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name }).click();
    const file = join(folder, `taken-${(await download).suggestedFilename()}`);
    await (await download).saveAs(file);
    return readFileSync(file);
  };
  assert.match((await taken("Save SVG")).toString(), /^<svg[^>]*xmlns/);
  assert.equal((await taken("Save PNG")).subarray(1, 4).toString(), "PNG");
  spsim(["run", "kb2551125", "--quiet", "--format", "svg", "--out", join(folder, "rows")]);
  assert.ok((await taken("Save CSV")).equals(readFileSync(join(folder, "rows/ports.csv"))));
  await close();
});
