import { Button } from "./button.tsx";

type DangerRowProps = { title: string; text: string; label: string; onClick: () => void };

/** One thing that cannot be undone: what it does, and the button that asks first. */
export function DangerRow({ title, text, label, onClick }: DangerRowProps) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-60">
        <h3 className="font-medium">{title}</h3>
        <p className="text-muted">{text}</p>
      </div>
      <Button onClick={onClick} className="text-critical">
        {label}
      </Button>
    </li>
  );
}
