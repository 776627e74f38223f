/** A part of the whole as a length and in figures. */
export function ShareBar({ share }: { share: { ratio: number; text: string } | null }) {
  return (
    <span className="inline-flex items-center justify-end gap-2 text-muted">
      <span aria-hidden className="h-1.5 w-16 overflow-hidden rounded-full bg-hover max-lg:hidden xl:w-28">
        <span className="block h-full rounded-full bg-control" style={{ width: `${Math.min(100, 100 * (share?.ratio ?? 0))}%` }} />
      </span>
      <span className="min-w-13 text-end">{share?.text ?? "–"}</span>
    </span>
  );
}
