// Two pages of the lab, by PAGES: their engines give the same rows for every scenario.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

/** The digest of `ports.csv` of every built-in scenario, by name. */
async function digests(page) {
  const packed = (await readFile(page, "utf8")).match(/H4sI[A-Za-z0-9+/=]{1000,}/);
  assert.ok(packed, `${page} has an engine inside`);
  const module = await WebAssembly.compile(gunzipSync(Buffer.from(packed[0], "base64")));
  const found = {};
  for (let index = 0, of = 1; index < of; index += 1) {
    const { exports: engine } = await WebAssembly.instantiate(module);
    const bytes = (handedOver) => {
      const number = BigInt.asUintN(64, handedOver);
      return Buffer.from(engine.memory.buffer, Number(number >> 32n), Number(number & 0xffffffffn));
    };
    of = engine.scenarios();
    const name = bytes(engine.name(index)).toString();
    found[name] = createHash("sha256").update(bytes(engine.ports(index))).digest("hex");
  }
  return found;
}

test("both pages give the same results", async () => {
  const [one, other] = await Promise.all(process.env.PAGES.split(":").map(digests));
  assert.ok(Object.keys(one).length > 10, "there is something to compare");
  assert.deepEqual(one, other);
});
