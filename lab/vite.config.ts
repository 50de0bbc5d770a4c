// One HTML file: the script and the style stand inside, the engine as gzip in Base64.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const ENGINE = process.env.ENGINE ?? "../target/wasm/engine.wasm";

/** The module without what only debuggers read. */
function bare(module: Buffer): Buffer {
  const HEADER = 8;
  const parts = [module.subarray(0, HEADER)];
  for (let at = HEADER; at < module.length; ) {
    const start = at;
    const id = module[at++];
    let [size, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      const byte = module[at++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    at += size;
    if (id !== 0) parts.push(module.subarray(start, at));
  }
  return Buffer.concat(parts);
}

/** `virtual:engine`: the module as text. */
function engine(): Plugin {
  const name = "virtual:engine";
  return {
    name,
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => {
      if (id !== `\0${name}`) return null;
      const packed = gzipSync(bare(readFileSync(ENGINE)), { level: 9 });
      return `export default ${JSON.stringify(packed.toString("base64"))};`;
    },
  };
}

/** Puts script and style into the page. */
function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle: (_, bundle) => {
      const page = bundle["index.html"];
      if (page?.type !== "asset") throw new Error("there is no page");
      let html = String(page.source);
      for (const [path, part] of Object.entries(bundle)) {
        const text = part.type === "chunk" ? part.code : String(part.source);
        const tag =
          part.type === "chunk"
            ? new RegExp(`<script[^>]*src="[^"]*${path}"[^>]*></script>`)
            : new RegExp(`<link[^>]*href="[^"]*${path}"[^>]*>`);
        if (part === page || !tag.test(html)) continue;
        html = html.replace(tag, "");
        html =
          part.type === "chunk"
            ? html.replace(
                "</body>",
                () =>
                  `<script type="module">${text.replaceAll("</script", "<\\/script")}</script></body>`,
              )
            : html.replace("</head>", () => `<style>${text}</style></head>`);
        delete bundle[path];
      }
      page.source = html;
    },
  };
}

export default defineConfig({
  root: "page",
  plugins: [engine(), oneFile()],
  worker: { format: "iife" },
  build: {
    outDir: "../../output/lab",
    emptyOutDir: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    target: "es2022",
    chunkSizeWarningLimit: 1500,
  },
});
