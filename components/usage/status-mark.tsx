import { CircleAlert, CircleCheck, Timer } from "lucide-react";

const MARKS = {
  success: { Icon: CircleCheck, tone: "text-ok", word: "Success" },
  error: { Icon: CircleAlert, tone: "text-critical", word: "Error" },
  timeout: { Icon: Timer, tone: "text-warning", word: "Timeout" },
} as const;

/** How a request ended, by shape as well as by colour; with `withWord` in words too. */
export function StatusMark({ status, code, withWord = false }: { status: keyof typeof MARKS; code?: string | null; withWord?: boolean }) {
  const { Icon, tone, word } = MARKS[status];
  const text = code ? `${word}: ${code}` : word;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap" title={text}>
      <Icon aria-hidden className={`size-3.5 shrink-0 ${tone}`} />
      {withWord ? word : <span className="sr-only">{text}</span>}
    </span>
  );
}
