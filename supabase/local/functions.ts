import { existsSync } from "node:fs";
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { ChildRegistry } from "./child-registry.ts";
import { bootFunction, type FunctionProcess } from "./function-process.ts";
import { corsHeaders } from "./http-exchange.ts";
import type { ProjectConfig } from "./project-config.ts";

export type FunctionsOptions = {
  config: ProjectConfig["functions"];
  env: Record<string, string>;
  children: ChildRegistry;
  onProgress(line: string): void;
  directory: string;
};

export type Functions = {
  /** Serves `/functions/v1/<name>…`; `verify` rejects when the caller's token is not valid. */
  handle(request: IncomingMessage, response: ServerResponse, url: URL, verify: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
};

/** One Deno process per function, started by its first request. */
export function createFunctions(options: FunctionsOptions): Functions {
  const { directory } = options;
  const running = new Map<string, Promise<FunctionProcess>>();
  const agent = new Agent({ keepAlive: true });

  const start = async (name: string): Promise<FunctionProcess> => {
    const booted = await bootFunction(join(directory, name, "index.ts"), options.env);
    const { pid } = booted.child;
    if (pid) options.children.add(pid);
    booted.child.once("exit", (code, signal) => {
      if (pid) options.children.remove(pid);
      if (running.delete(name)) options.onProgress(`function ${name} ended (${signal ?? code}): ${booted.log().trim().slice(-500)}`);
    });
    return booted;
  };

  const processOf = (name: string): Promise<FunctionProcess> => {
    let booting = running.get(name);
    if (!booting) {
      booting = start(name);
      running.set(name, booting);
      booting.catch(() => running.delete(name));
    }
    return booting;
  };

  return {
    async handle(request, response, url, verify) {
      const name = url.pathname.split("/")[3] ?? "";
      const known = /^[A-Za-z][\w-]*$/.test(name) && existsSync(join(directory, name, "index.ts"));
      if (!known) return refuse(response, 404, "NOT_FOUND", "Requested function was not found");
      if (options.config[name]?.verify_jwt !== false && request.method !== "OPTIONS") {
        const valid = await verify().then(
          () => true,
          () => false,
        );
        if (!valid) return refuse(response, 401, "UNAUTHORIZED_INVALID_JWT_FORMAT", "Invalid JWT");
      }
      try {
        forward(request, response, url, (await processOf(name)).port, agent);
      } catch (error) {
        refuse(response, 503, "BOOT_ERROR", `Function failed to start: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    async close() {
      agent.destroy();
      const children = await Promise.all([...running.values()].map((booting) => booting.catch(() => null)));
      running.clear();
      for (const one of children) one?.child.kill("SIGKILL");
    },
  };
}

/** Streams both ways: the function sees the request as it arrives, the client the answer as it is written. */
function forward(request: IncomingMessage, response: ServerResponse, url: URL, port: number, agent: Agent): void {
  const path = url.pathname.slice("/functions/v1".length) + url.search;
  const headers = { ...request.headers, "x-forwarded-host": request.headers.host, "x-forwarded-proto": "http", host: `127.0.0.1:${port}` };
  const onward = httpRequest({ host: "127.0.0.1", port, method: request.method, path, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", (error) => {
    if (response.headersSent) response.destroy();
    else refuse(response, 502, "WORKER_ERROR", error.message);
  });
  response.on("close", () => {
    if (!response.writableEnded) onward.destroy();
  });
  request.pipe(onward);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json", ...corsHeaders });
  response.end(JSON.stringify({ code, message }));
}
