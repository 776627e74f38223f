/** `npm run dev`: like `up`, with pages compiled as they change and no build. */
export {};

process.argv.push("--dev");
await import("./up.ts");
