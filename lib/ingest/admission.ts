import { AppError } from "../core/errors.ts";
import { trackLimits } from "../usage/schema.ts";

export type AdmissionLimits = {
  /** Bytes of bodies that may be held at the same time: by all callers, and by one key. */
  totalBytes: number;
  keyBytes: number;
};

const admissionLimits: AdmissionLimits = { totalBytes: 200_000_000, keyBytes: 80_000_000 };

/** What a request may come to hold, judged by its headers before its body is read. */
export function expectedBytes(headers: Headers): number {
  const declared = headers.get("content-length");
  const wire = declared === null ? trackLimits.bodyBytes : Math.min(Number(declared) || 0, trackLimits.bodyBytes);
  const unpacked = headers.has("content-encoding") ? Math.min(wire * 8, trackLimits.decompressedBytes) : wire;
  return Math.max(unpacked, 2_000);
}

/**
 * Bounds the memory that requests hold from their first byte to their answer, so that overload ends in a fast refusal: 429 for
 * a key that takes more than its share, 503 when all together do.
 */
export function createAdmission(limits: AdmissionLimits = admissionLimits) {
  const heldByKey = new Map<string, number>();
  let held = 0;
  return {
    /** @returns how to leave again; @throws AppError `rate_limited` or `unavailable` */
    enter(keyName: string, bytes: number): () => void {
      const own = heldByKey.get(keyName) ?? 0;
      if (own + bytes > limits.keyBytes) throw new AppError("rate_limited", "This key has too much under way at once. Try again shortly.");
      if (held + bytes > limits.totalBytes) throw new AppError("unavailable", "More is arriving than can be held. Try again shortly.");
      heldByKey.set(keyName, own + bytes);
      held += bytes;
      return () => {
        held -= bytes;
        const rest = (heldByKey.get(keyName) ?? 0) - bytes;
        if (rest > 0) heldByKey.set(keyName, rest);
        else heldByKey.delete(keyName);
      };
    },
  };
}
