"use client";
import { cn } from "./cn.ts";
import { CopyButton } from "./copy-button.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "./tabs.tsx";

/** Code to copy, scrolling sideways inside itself. */
export function CodeBlock({ code, label = "Code", className }: { code: string; label?: string; className?: string }) {
  return (
    <div className={cn("relative rounded-md border border-border bg-surface", className)}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take focus so that the keyboard can scroll it */}
      <section tabIndex={0} aria-label={label} className="overflow-x-auto">
        <pre className="w-max min-w-full p-3 pe-12 text-xs leading-5" dir="ltr">
          <code>{code}</code>
        </pre>
      </section>
      <CopyButton text={code} label={`Copy ${label}`} className="absolute end-1.5 top-1.5 bg-surface" />
    </div>
  );
}

export type CodeSample = { id: string; label: string; code: string };

/** The same thing said in several languages; one shown at a time. */
export function CodeTabs({ samples, className }: { samples: readonly CodeSample[]; className?: string }) {
  return (
    <Tabs defaultValue={samples[0]?.id} className={className}>
      <TabsList aria-label="Language">
        {samples.map((sample) => (
          <TabsTrigger key={sample.id} value={sample.id}>
            {sample.label}
          </TabsTrigger>
        ))}
      </TabsList>
      {samples.map((sample) => (
        <TabsContent key={sample.id} value={sample.id} className="pt-3">
          <CodeBlock code={sample.code} label={`${sample.label} code`} />
        </TabsContent>
      ))}
    </Tabs>
  );
}
