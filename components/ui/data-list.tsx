"use client";
import { Download } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { cn } from "./cn.ts";
import { downloadCsv } from "./download.ts";
import { EmptyState } from "./empty-state.tsx";
import { Input } from "./input.tsx";
import { Select } from "./select.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "./table.tsx";
import { useUrlState } from "./use-url-state.ts";

export type Column<Row> = {
  id: string;
  header: string;
  /** Plain text of the cell: what is searched, sorted and exported. */
  text: (row: Row) => string;
  cell?: (row: Row) => ReactNode;
  numeric?: boolean;
  className?: string;
};

type Facet<Row> = {
  id: string;
  label: string;
  all: string;
  options: readonly { value: string; label: string }[];
  of: (row: Row) => string | readonly string[];
};

type DataListProps<Row> = {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  columns: readonly Column<Row>[];
  facets?: readonly Facet<Row>[];
  /** Names the table for screen readers and the CSV file: "Members". */
  label: string;
  noun: string;
  /** What a page without any row says. */
  empty: ReactNode;
  actions?: (row: Row) => ReactNode;
  /** Tells this list's parameters from those of another one on the page. */
  prefix?: string;
};

const everything = "all";
/** What one can do with a row stays in sight where the table is wider than the screen. */
const pinned = "sticky end-0 bg-background bg-clip-padding";

/** A list of moderate size: searched, narrowed, sorted in the browser, all of it in the URL; CSV of exactly what is shown. */
export function DataList<Row>({ rows, rowKey, columns, facets = [], label, noun, empty, actions, prefix = "" }: DataListProps<Row>) {
  const url = useUrlState();
  const [search, setSearch] = useState(url.get(`${prefix}q`));
  const [sortId, direction] = url.get(`${prefix}sort`).split(".");
  if (rows.length === 0) return empty;

  const needle = search.trim().toLocaleLowerCase();
  const shown = rows.filter(
    (row) =>
      columns.some(({ text }) => text(row).toLocaleLowerCase().includes(needle)) &&
      facets.every(({ id, of }) => {
        const wanted = url.get(prefix + id);
        return !wanted || [of(row)].flat().includes(wanted);
      }),
  );
  const sorted = columns.find(({ id }) => id === sortId);
  if (sorted) {
    const sign = direction === "desc" ? -1 : 1;
    shown.sort((a, b) => sign * sorted.text(a).localeCompare(sorted.text(b), undefined, { numeric: true }));
  }

  function sort(id: string) {
    const next = sortId !== id ? id : direction === "desc" ? null : `${id}.desc`;
    url.set({ [`${prefix}sort`]: next });
  }
  function clear() {
    setSearch("");
    url.set(Object.fromEntries([`${prefix}q`, ...facets.map(({ id }) => prefix + id)].map((name) => [name, null])));
  }

  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <Input
          type="search"
          data-filter={prefix ? undefined : ""}
          aria-label={`Filter ${noun}`}
          placeholder={`Filter ${noun}…`}
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            url.set({ [`${prefix}q`]: event.target.value });
          }}
          className="w-full sm:w-64"
        />
        {facets.map(({ id, label: facetLabel, all, options }) => (
          <Select
            key={id}
            aria-label={facetLabel}
            className="w-auto min-w-36"
            value={url.get(prefix + id) || everything}
            onValueChange={(value) => url.set({ [prefix + id]: value === everything ? null : value })}
            options={[{ value: everything, label: all }, ...options]}
          />
        ))}
        <p className="ms-auto text-muted text-xs figures" aria-live="polite">
          {shown.length === rows.length
            ? rows.length === 1
              ? `1 ${noun.replace(/s$/, "")}`
              : `${rows.length} ${noun}`
            : `${shown.length} of ${rows.length} ${noun}`}
        </p>
        <Button
          size="sm"
          variant="ghost"
          onClick={() =>
            downloadCsv(
              label,
              columns.map(({ header }) => header),
              shown.map((row) => columns.map(({ text }) => text(row))),
            )
          }
        >
          <Download aria-hidden />
          CSV
        </Button>
      </div>
      {shown.length === 0 ? (
        <EmptyState title="Nothing matches this filter." actions={<Button onClick={clear}>Clear the filter</Button>} />
      ) : (
        <Table label={label}>
          <TableHead>
            <tr>
              {columns.map(({ id, header, numeric, className }) => (
                <TableHeaderCell
                  key={id}
                  numeric={numeric}
                  className={className}
                  sort={sortId === id ? (direction === "desc" ? "desc" : "asc") : "none"}
                  onSort={() => sort(id)}
                >
                  {header}
                </TableHeaderCell>
              ))}
              {actions ? (
                <TableHeaderCell className={cn(pinned, "shadow-[inset_0_-1px_var(--border)]")}>
                  <span className="sr-only">Actions</span>
                </TableHeaderCell>
              ) : null}
            </tr>
          </TableHead>
          <TableBody>
            {shown.map((row) => (
              <TableRow key={rowKey(row)}>
                {columns.map(({ id, text, cell, numeric, className }) => (
                  <TableCell key={id} numeric={numeric} className={cn("whitespace-nowrap", className)}>
                    {cell ? cell(row) : <span dir="auto">{text(row)}</span>}
                  </TableCell>
                ))}
                {actions ? <TableCell className={cn(pinned, "w-0 text-end")}>{actions(row)}</TableCell> : null}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </>
  );
}
