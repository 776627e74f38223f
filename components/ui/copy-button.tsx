"use client";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button.tsx";
import { toast } from "./toast.tsx";

type CopyButtonProps = {
  text: string;
  label?: string;
  showLabel?: boolean;
  variant?: "secondary" | "ghost" | "primary";
  onCopied?: () => void;
  className?: string;
};

/** Copies text and says so, to eyes and to screen readers. */
export function CopyButton({ text, label = "Copy", showLabel = false, variant = "ghost", onCopied, className }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      onCopied?.();
    } catch {
      toast({ title: "The browser did not allow copying. Select the text and copy it by hand.", tone: "warning" });
    }
  }

  return (
    <Button
      variant={variant}
      size={showLabel ? "md" : "icon-sm"}
      onClick={copy}
      aria-label={showLabel ? undefined : copied ? "Copied" : label}
      className={className}
    >
      {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      {showLabel ? (copied ? "Copied" : label) : null}
      <span aria-live="polite" className="sr-only">
        {copied ? "Copied" : ""}
      </span>
    </Button>
  );
}
