// `--vega-lite`: every specification fits the published schema, and Vega draws it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import Ajv from "ajv";
import * as vega from "vega";
import * as vegaLite from "vega-lite";
import { run } from "./support.mjs";

const SCHEMA = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
const validator = new Ajv({ strict: false, validateFormats: false });
const fits = validator.compile(JSON.parse(readFileSync(SCHEMA, "utf8")));

for (const scenario of ["kb2551125", "shared-ports", "retry-storm", "snat-scale-out"]) {
  test(`the pictures of ${scenario} are Vega-Lite`, async () => {
    const { out } = run(`vega-lite-${scenario}`, [scenario, "--vega-lite"]);
    const names = readdirSync(out).filter((name) => name.endsWith(".vl.json"));
    assert.ok(names.length >= 2, names.join());
    for (const name of names) {
      const specification = JSON.parse(readFileSync(join(out, name), "utf8"));
      assert.ok(fits(specification), `${name}: ${JSON.stringify(fits.errors)}`);
      const { spec } = vegaLite.compile(specification, { logger: vega.logger(vega.Error) });
      const svg = await new vega.View(vega.parse(spec), { renderer: "none" }).toSVG();
      assert.ok(svg.split("<path").length > 20, name);
    }
  });
}
