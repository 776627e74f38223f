// A segment is lines: `<serial> <event>` for an event, `-<first>-<last>` for those that are settled.

export const eventLine = (serial: number, text: string): string => `${serial} ${text}\n`;

export function acknowledgement(serials: number[]): string {
  let lines = "";
  for (let start = 0; start < serials.length; ) {
    let end = start;
    while (serials[end + 1] === serials[end]! + 1) end++;
    lines += `-${serials[start]}-${serials[end]}\n`;
    start = end + 1;
  }
  return lines;
}

/** The events that wait, oldest first. A line that breaks off, or is no line of ours, is left out. */
export function readSegment(content: string): string[] {
  const waiting = new Map<number, string>();
  for (const line of content.split("\n")) {
    const settled = /^-(\d+)-(\d+)$/.exec(line);
    if (settled) for (let serial = Number(settled[1]); serial <= Number(settled[2]); serial++) waiting.delete(serial);
    const event = /^(\d+) (\{.*\})$/.exec(line);
    if (event?.[1] && event[2] && isWhole(event[2])) waiting.set(Number(event[1]), event[2]);
  }
  return [...waiting.values()];
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
