import { parseJson } from "./json.ts";

/** One event of a server-sent stream: its exact text, and its data. */
export type StreamEvent = { text: string; data: unknown };

/** Cuts a stream of bytes into events without losing a byte of them: the texts of all events and the rest make up the stream. */
export class EventSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #pending = "";

  push(bytes: Uint8Array): StreamEvent[] {
    this.#pending += this.#decoder.decode(bytes, { stream: true });
    const events: StreamEvent[] = [];
    const boundary = /\r\n\r\n|\n\n|\r\r/g;
    let start = 0;
    for (let found = boundary.exec(this.#pending); found; found = boundary.exec(this.#pending)) {
      const text = this.#pending.slice(start, boundary.lastIndex);
      start = boundary.lastIndex;
      events.push({ text, data: dataOf(text) });
    }
    this.#pending = this.#pending.slice(start);
    return events;
  }

  /** What is left when the stream ends; a last event may lack its blank line. */
  end(): StreamEvent | undefined {
    const text = this.#pending + this.#decoder.decode();
    this.#pending = "";
    return text === "" ? undefined : { text, data: dataOf(text) };
  }
}

function dataOf(text: string): unknown {
  const data = dataIn(text.trimEnd());
  return data === "[DONE]" ? data : parseJson(data);
}

function dataIn(event: string): string {
  // Nearly every event is one line, or a name and a line.
  const start = event.startsWith("data:") ? 0 : event.startsWith("event:") ? event.indexOf("\ndata:") + 1 : -1;
  const isSimple = start === 0 || (start > 0 && event.indexOf("\n") === start - 1);
  if (isSimple && event.indexOf("\n", start) === -1 && event.indexOf("\r", start) === -1) return event.slice(start + 5).trimStart();
  const lines = event.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  return lines.map((line) => line.slice(line[5] === " " ? 6 : 5)).join("\n");
}
