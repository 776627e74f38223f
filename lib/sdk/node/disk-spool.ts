// The one part of the SDK that knows Node: a journal of events on disk, in files that the programs of a machine may share.
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { startTimer } from "../platform.ts";
import type { Spool } from "../spool.ts";
import { isOrphan, nameOfSegment, newOwner, ownersHere, RELEASED } from "./spool-owner.ts";
import { acknowledgement, eventLine, readSegment } from "./spool-segment.ts";

export type { Spool } from "../spool.ts";

export type DiskSpoolOptions = {
  /** Made when it does not exist. Programs that report to the same TokenTRA with the same key may share one. */
  directory: string;
  /** How much of programs that are gone is kept at most, in bytes; beyond it the oldest files go. Default 64 MB. */
  maxBytes?: number;
  /** Told when the disk fails; events then live in memory alone. */
  onError?: (error: Error) => void;
};

/** A file of the journal. It goes when none of its events is waiting any more. */
type Segment = { path: string; file: number; bytes: number; waiting: number };
type DiskTicket = { segment: Segment; serial: number };

const SEGMENT_BYTES = 1_000_000;
const HEARTBEAT_MS = 60_000;
/** A disk that failed is left alone for so long. */
const PAUSE_MS = 5_000;

/**
 * Events survive the death of the program, by force too (not of the machine: nothing waits for the disk itself), and the next program
 * that uses the directory sends them. Each event is written as it is reported, and noted when it is settled, so that little is sent
 * twice; what is sent twice counts once.
 */
export function diskSpool(options: DiskSpoolOptions): Spool {
  const { directory, maxBytes = 64_000_000 } = options;
  const owner = newOwner();
  let active: Segment | undefined;
  const segments = new Set<Segment>();
  let serial = 0;
  let isReleased = false;
  let notBefore = 0;

  /** Undefined when the disk will not. */
  const guarded = <Result>(work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      try {
        options.onError?.(error instanceof Error ? error : new Error(String(error)));
      } catch {
        // The callback's own failure has nobody left to be told to.
      }
      return undefined;
    }
  };

  const begin = (): Segment => {
    const path = join(directory, nameOfSegment(owner, ++serial));
    const segment = { path, file: openSync(path, "ax", 0o600), bytes: 0, waiting: 0 };
    segments.add(segment);
    active = segment;
    return segment;
  };

  const write = (segment: Segment, line: string): void => {
    const bytes = Buffer.from(line);
    const written = writeSync(segment.file, bytes);
    segment.bytes += written;
    if (written === bytes.length) return;
    // A line that breaks off would spoil the next one.
    if (segment === active) active = undefined;
    throw new Error(`the disk took ${written} of ${bytes.length} bytes`);
  };

  const end = (segment: Segment): void => {
    segments.delete(segment);
    closeSync(segment.file);
    unlinkSync(segment.path);
  };

  const settleIn = (segment: Segment, serials: number[]): void => {
    segment.waiting -= serials.length;
    if (segment.waiting > 0) write(segment, acknowledgement(serials));
    else if (segment !== active) end(segment);
    else {
      ftruncateSync(segment.file, 0);
      segment.bytes = 0;
    }
  };

  const orphans = () => {
    const found = readdirSync(directory)
      .filter((name) => name.endsWith(".jsonl"))
      .flatMap((name) => {
        // It may be gone by now: another program adopts as well.
        const status = statSync(join(directory, name), { throwIfNoEntry: false });
        return status ? [{ name, path: join(directory, name), bytes: status.size, modifiedMs: status.mtimeMs }] : [];
      });
    return found.filter((file) => isOrphan(file.name, file.modifiedMs, Date.now())).sort((a, b) => a.modifiedMs - b.modifiedMs);
  };

  guarded(() => mkdirSync(directory, { recursive: true, mode: 0o700 }));
  ownersHere.add(owner);
  const beat = (): void => {
    const now = new Date();
    for (const segment of segments) guarded(() => utimesSync(segment.path, now, now));
    stopBeating = startTimer(beat, HEARTBEAT_MS);
  };
  let stopBeating = startTimer(beat, HEARTBEAT_MS);

  return {
    keep(text) {
      if (isReleased || Date.now() < notBefore) return undefined;
      const kept = guarded((): DiskTicket => {
        const segment = active && active.bytes < SEGMENT_BYTES ? active : begin();
        const ticket = { segment, serial: ++serial };
        write(segment, eventLine(ticket.serial, text));
        segment.waiting++;
        return ticket;
      });
      if (!kept) notBefore = Date.now() + PAUSE_MS;
      return kept;
    },
    settle(tickets) {
      if (isReleased) return;
      const bySegment = new Map<Segment, number[]>();
      for (const ticket of tickets as DiskTicket[]) {
        const serials = bySegment.get(ticket.segment) ?? [];
        serials.push(ticket.serial);
        bySegment.set(ticket.segment, serials);
      }
      for (const [segment, serials] of bySegment) guarded(() => settleIn(segment, serials));
    },
    adopt(take) {
      if (isReleased) return false;
      return (
        guarded(() => {
          const files = orphans();
          let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
          for (const file of files) {
            const path = join(directory, nameOfSegment(owner, ++serial));
            // Whoever renames it first has it.
            if (guarded(() => renameSync(file.path, path) ?? true) === undefined) continue;
            const texts = bytes > maxBytes ? [] : readSegment(readFileSync(path, "utf8"));
            bytes -= file.bytes;
            take(texts);
            unlinkSync(path);
            if (texts.length > 0) return true;
          }
          return false;
        }) ?? false
      );
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      stopBeating();
      ownersHere.delete(owner);
      for (const segment of segments) {
        guarded(() => {
          if (segment.waiting === 0) end(segment);
          else {
            closeSync(segment.file);
            renameSync(segment.path, join(directory, `${RELEASED}.${nameOfSegment(owner, ++serial)}`));
          }
        });
      }
    },
  };
}
