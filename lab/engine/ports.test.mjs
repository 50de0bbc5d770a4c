// Every built-in scenario gives, as WebAssembly, the bytes of `ports.csv` that the program gives.
//
// ENGINE names the module; .ci/wasm builds it.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

const module = await WebAssembly.compile(await readFile(process.env.ENGINE));
const output = new URL("../../output/", import.meta.url);

test("the module imports nothing", () => {
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

/** A text that the engine hands over: the address above its length. */
function text({ memory }, handedOver) {
  const [address, length] = [Number(BigInt.asUintN(64, handedOver) >> 32n), Number(handedOver & 0xffffffffn)];
  return Buffer.from(memory.buffer, address, length).toString("utf8");
}

const { exports: engine } = await WebAssembly.instantiate(module);
const names = Array.from({ length: engine.scenarios() }, (_, index) => text(engine, engine.name(index)));

test("every folder of results with ports.csv is of a built-in scenario", async () => {
  const folders = (await readdir(output, { recursive: true })).filter((path) => path.endsWith("/ports.csv"));
  assert.deepEqual(folders.map((path) => path.replace("/ports.csv", "")).sort(), [...names].sort());
});

for (const [index, name] of names.entries()) {
  test(`${name} gives the same ports.csv`, async () => {
    // A module of its own: memory is given back with it.
    const { exports } = await WebAssembly.instantiate(module);
    const expected = await readFile(new URL(`${name}/ports.csv`, output), "utf8");
    assert.ok(expected.length > 100, "there is something to compare");
    assert.ok(text(exports, exports.ports(index)) === expected, `${name}/ports.csv differs`);
  });
}
