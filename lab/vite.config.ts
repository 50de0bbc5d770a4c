// The lab: one HTML file with script and style inside, the engine as gzip in Base64. With
// `--mode report` the script of the report instead.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin, type UserConfig } from "vite";

const ENGINE = process.env.ENGINE ?? "../target/wasm/engine.wasm";
const PICTURES = "../src/draw";

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

/** A module that is made here. */
function made(name: string, text: () => string): Plugin {
  return {
    name,
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => (id === `\0${name}` ? text() : null),
  };
}

/** `virtual:engine`: the module as text. */
const engine = made("virtual:engine", () => {
  const packed = gzipSync(bare(readFileSync(ENGINE)), { level: 9 });
  return `export default ${JSON.stringify(packed.toString("base64"))};`;
});

/** What a table of the pictures' sources holds; none of its rows may be overlooked. */
function rows(file: string, row: RegExp, rowsAs: RegExp): string[][] {
  const text = readFileSync(`${PICTURES}/${file}`, "utf8");
  const found = [...text.matchAll(row)].map(([, ...parts]) => parts);
  const [, wanted] = rowsAs.exec(text) ?? [];
  if (found.length !== Number(wanted))
    throw new Error(`${file} has ${wanted} rows, of which ${found.length} are understood`);
  return found;
}

/** `virtual:theme.css`: the colours of pictures, light and dark. */
const theme = made("virtual:theme.css", () => {
  const hex = "0x00([\\dA-F]{2})_([\\dA-F]{4})";
  const row = new RegExp(`row\\(\\s*"([\\w-]+)",\\s*${hex},\\s*${hex},`, "g");
  const all = rows("theme.rs", row, /COLORS: \[Row; (\d+)\]/);
  const rules = (at: number): string =>
    all.map((parts) => `--${parts[0]}: #${parts[at]}${parts[at + 1]};`).join(" ");
  return `:root { ${rules(1)} }\n:root[data-theme="dark"] { ${rules(3)} }\n`;
});

/** `virtual:looks`: how pictures tell lines apart. */
const looks = made("virtual:looks", () => {
  const row = /\blook\(\s*RGBColor\([^)]*\),\s*&\[([^\]]*)\],\s*([\d.]+),?\s*\)/g;
  const all = rows("palette.rs", row, /LOOKS: \[LineLook; (\d+)\]/);
  const numbers = all.map(([dashes = "", width]) => [
    dashes.split(",").map(Number).join(" ").replace(/^0$/, ""),
    Number(width),
  ]);
  return `export default ${JSON.stringify(numbers)};`;
});

/** The script of the report: one file that says what it is made of. */
function report(): UserConfig {
  const from = "// Made by lab/build from lab/page/report.tsx and what that imports.\n";
  return {
    root: "page",
    plugins: [
      looks,
      {
        name: "says-from-what",
        enforce: "post",
        generateBundle: (_, bundle) => {
          for (const part of Object.values(bundle))
            if (part.type === "chunk")
              part.code = `${from}${part.code.replaceAll("</script", "<\\/script").trimEnd()}\n`;
        },
      },
    ],
    build: {
      outDir: "../../src/output/report",
      emptyOutDir: false,
      target: "es2022",
      modulePreload: false,
      lib: { entry: "report.tsx", formats: ["iife"], name: "report", fileName: () => "report.js" },
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

function lab(): UserConfig {
  return {
    root: "page",
    plugins: [engine, theme, looks, oneFile()],
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
  };
}

export default defineConfig(({ mode }) => (mode === "report" ? report() : lab()));
