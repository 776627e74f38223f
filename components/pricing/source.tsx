import { formatDate } from "@/lib/core/time.ts";

type SourceProps = { source: string; checkedOn: string | null; knownFrom: string | null; timeZone: string };

/** Where a price comes from, and when that was looked at. Only what reads as a web address becomes a link. */
export function Source({ source, checkedOn, knownFrom, timeZone }: SourceProps) {
  const url = /^https:\/\//.test(source) && URL.canParse(source) ? new URL(source) : null;
  const date = checkedOn ? formatDate(`${checkedOn}T00:00:00Z`, "UTC") : knownFrom ? formatDate(knownFrom, timeZone) : null;
  return (
    <>
      {url ? (
        <a
          href={url.href}
          target="_blank"
          rel="noreferrer"
          className="link block truncate"
          title={source}
          onClick={(event) => event.stopPropagation()}
        >
          {url.hostname}
        </a>
      ) : (
        <span className="block truncate" title={source} dir="auto">
          {source}
        </span>
      )}
      {date ? <span className="block text-muted text-xs">{checkedOn ? `checked ${date}` : `known since ${date}`}</span> : null}
    </>
  );
}
