"use client";
import { FileUp } from "lucide-react";
import { type DragEvent, useId, useState } from "react";
import { buttonStyles } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";

type DropZoneProps = { onFile: (file: File) => void };

const isFile = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");

/** Where a file is dropped, or chosen by hand or keyboard. */
export function DropZone({ onFile }: DropZoneProps) {
  const id = useId();
  const [isOver, setOver] = useState(false);
  return (
    <section
      aria-label="Choose a file"
      onDragOver={(event) => {
        if (!isFile(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
      className={cn(
        "grid justify-items-center gap-2 rounded-lg border border-border border-dashed px-4 py-10 text-center text-sm",
        isOver && "border-accent bg-selected",
      )}
    >
      <FileUp aria-hidden className="size-6 text-faint" />
      <p className="font-medium">Drop a file of usage here</p>
      <p className="max-w-md text-muted">
        CSV, JSON or JSONL, also gzipped, of any size. It is read in this browser; only usage is sent, never prompts or answers.
      </p>
      <label
        htmlFor={id}
        className={cn(
          buttonStyles({ variant: "primary" }),
          "mt-2 cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-accent",
        )}
      >
        Choose a file
        <input
          id={id}
          type="file"
          className="sr-only"
          accept=".csv,.tsv,.json,.jsonl,.ndjson,.gz,text/csv,application/json,application/gzip"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) onFile(file);
          }}
        />
      </label>
    </section>
  );
}
