/**
 * The rules of the house that a compiler does not know. Each failure names the file and says what to do instead;
 * the reasons are in CONTRIBUTING.md.
 */
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryFiles, root } from "./support/repository.ts";

const files = repositoryFiles();
const code = files.filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !/\.d\.ts$|database\.types\.ts$/.test(file));
const product = code.filter(
  (file) => /^(app|components|lib|supabase|scripts|server\.ts|middleware\.ts)/.test(file) && !/\.test\.tsx?$/.test(file),
);
const text = new Map(
  files.filter((file) => /\.(ts|tsx|mjs|sql|css|json|md|toml)$/.test(file)).map((file) => [file, readFileSync(join(root, file), "utf8")]),
);
const read = (file: string) => text.get(file) ?? "";

/** What a file imports, packages by name and own files by path from the root. */
function imports(file: string): string[] {
  const found = [
    ...read(file).matchAll(/(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?from\s*)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g),
  ];
  return found.map((match) => {
    const target = match[1] ?? match[2] ?? "";
    if (target.startsWith("@/")) return target.slice(2);
    return target.startsWith(".") ? normalize(join(dirname(file), target)) : target;
  });
}
const isOwn = (target: string) => /^(app|components|lib|supabase|scripts|tests|server\.ts|middleware\.ts)(\/|$)/.test(target);

interface Rule {
  who: RegExp;
  mayNot: (target: string, file: string) => boolean;
  because: string;
}

const feature = (file: string) => file.split("/")[1];

const rules: Rule[] = [
  { who: /^(?!app\/)/, mayNot: (target) => target.startsWith("app/"), because: "nothing imports app: pages compose, never serve" },
  { who: /^lib\//, mayNot: (target) => target.startsWith("components/"), because: "lib knows no screens: hand the component data instead" },
  { who: /^lib\/core\//, mayNot: (target) => isOwn(target) && !target.startsWith("lib/core/"), because: "core stands on nothing of ours" },
  {
    who: /^lib\/sdk\//,
    mayNot: (target, file) => isOwn(target) && !target.startsWith("lib/sdk/") && !file.includes("test"),
    because: "the SDK is published alone: copy the idea or move it into lib/sdk",
  },
  {
    who: /^lib\/[^/]+\/(schema|rules)\.ts$/,
    mayNot: (target) => isOwn(target) && !/^lib\/core\/|\/schema\.ts$/.test(target),
    because: "schema.ts and rules.ts may import core and other features' schema.ts",
  },
  {
    who: /^lib\/[^/]+\/queries\.ts$/,
    mayNot: (target, file) =>
      isOwn(target) &&
      !/^lib\/core\/|^lib\/supabase\/(db|database\.types)\.ts$|\/schema\.ts$/.test(target) &&
      feature(target) !== feature(file),
    because: "queries.ts may import its own feature, other schema.ts, core and the client's type; the client itself is an argument",
  },
  {
    who: /^lib\/(?!supabase)[^/]+\/(actions|hooks)\.ts$/,
    mayNot: (target, file) => /^lib\/[^/]+\/(actions|hooks)\.ts$/.test(target) && feature(target) !== feature(file),
    because: "features meet in SQL or on a page, never through each other's actions or hooks",
  },
  {
    who: /^components\/(ui|charts)\//,
    mayNot: (target) => isOwn(target) && !/^components\/(ui|charts)\/|^lib\/core\//.test(target),
    because: "primitives and charts know no feature: pass what they show as props",
  },
  {
    who: /^supabase\/functions\//,
    mayNot: (target) =>
      isOwn(target) && !/^lib\/(core|providers|ingest|gateway|panel|api|health|log|usage)\/|^supabase\/functions\//.test(target),
    because: "an Edge Function may import portable lib only",
  },
];

describe("who may import whom", () => {
  it("looks at real imports", () => {
    expect(product.length).toBeGreaterThan(80);
    expect(product.flatMap(imports).filter(isOwn).length).toBeGreaterThan(150);
  });

  for (const rule of rules) {
    it(`${rule.who.source}: ${rule.because}`, () => {
      const broken = product
        .filter((file) => rule.who.test(file))
        .flatMap((file) =>
          imports(file)
            .filter((target) => rule.mayNot(target, file))
            .map((target) => `${file} → ${target}`),
        );
      expect(broken).toEqual([]);
    });
  }

  it("uses @/ in app and components only; everything else imports relatively, with the ending .ts", () => {
    const broken = code.filter((file) => !/^(app|components)\//.test(file) && /from "@\//.test(read(file)));
    expect(broken).toEqual([]);
    const endless = product
      .filter((file) => /^lib\//.test(file))
      .filter((file) => /from "\.\.?\/[^"]*(?<!\.ts|\.tsx|\.json)"/.test(read(file)));
    expect(endless).toEqual([]);
  });
});

describe("what a file is", () => {
  const lines = (file: string) => read(file).split("\n").length - 1;

  it("is short: median at most 80 lines, none over 300, few over 250", () => {
    const sizes = product.map(lines).sort((a, b) => a - b);
    expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThanOrEqual(80);
    expect(product.filter((file) => lines(file) > 300)).toEqual([]);
    expect(product.filter((file) => lines(file) > 250).length).toBeLessThanOrEqual(product.length * 0.03);
  });

  it("mounts doors in a few lines", () => {
    expect(product.filter((file) => /^app\/.*route\.tsx?$/.test(file) && lines(file) > 40)).toEqual([]);
    expect(product.filter((file) => /^supabase\/functions\/[^/]+\/index\.ts$/.test(file) && lines(file) > 20)).toEqual([]);
    expect(lines("middleware.ts")).toBeLessThanOrEqual(30);
  });

  it("is named for what it is", () => {
    const vague = product.filter((file) => /(^|\/)(utils?|helpers?|common|manager|misc|shared)(\.|\/|-)/.test(file));
    expect(vague).toEqual([]);
    const odd = product.filter((file) => !file.split("/").every((part) => /^[a-z0-9_.[\]()@-]+$/.test(part)));
    expect(odd).toEqual([]);
  });

  it("is no barrel", () => {
    const barrels = product.filter((file) => !file.startsWith("lib/sdk/")).filter((file) => /^\s*export \* from/m.test(read(file)));
    expect(barrels).toEqual([]);
  });

  it("marks server actions and client hooks by name", () => {
    expect(product.filter((file) => /^["']use server["']/m.test(read(file)) && !/\/actions\.ts$/.test(file))).toEqual([]);
    expect(product.filter((file) => /\/actions\.ts$/.test(file) && !/^["']use server["']/m.test(read(file)))).toEqual([]);
  });
});

describe("what code says", () => {
  it("types everything", () => {
    expect(
      code.filter(
        (file) =>
          !file.startsWith("tests/house") && /@ts-(ignore|expect-error|nocheck)|[\w)\]]\??:\s*any\b|as any(?![ \w])|<any>/.test(read(file)),
      ),
    ).toEqual([]);
  });

  it("never turns money into a binary float, but for a place on a chart", () => {
    const broken = product
      .filter((file) => file !== "lib/core/money.ts")
      .filter((file) => /\b(Number|parseFloat)\(\s*[\w.?]*(cost|price|amount|spend)/i.test(read(file)));
    expect(broken).toEqual([]);
  });

  it("leaves nothing for later and prints nothing in the product", () => {
    expect(product.filter((file) => /\b(TODO|FIXME|XXX)\b/.test(read(file)))).toEqual([]);
    expect(product.filter((file) => /^(app|components|lib)\//.test(file) && /console\.(log|debug)\(/.test(read(file)))).toEqual([]);
    expect(code.filter((file) => !file.startsWith("tests/house") && /\b(it|test|describe)\.only\(/.test(read(file)))).toEqual([]);
  });

  it("names no machine", () => {
    const broken = [...text]
      .filter(([file]) => !file.startsWith("tests/house"))
      .filter(([, content]) => /\/work\/|\/root\/|\/home\/[a-z]+\//.test(content));
    expect(broken.map(([file]) => file)).toEqual([]);
  });

  it("inlines no setting at build: the same build serves every environment", () => {
    expect(product.filter((file) => /NEXT_PUBLIC_/.test(read(file)))).toEqual([]);
  });

  it("gives every dependency a reason in CONTRIBUTING.md", () => {
    const manifest = JSON.parse(read("package.json")) as Record<"dependencies" | "devDependencies", Record<string, string>>;
    const names = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter(([name]) => !read("CONTRIBUTING.md").includes(`\`${name}\``)).map(([name]) => name)).toEqual([]);
    expect(names.filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version)).map(([name]) => name)).toEqual([]);
  });
});
