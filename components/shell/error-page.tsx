"use client";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { Button } from "@/components/ui/button.tsx";

/** Something failed on our side: the number that finds it in the log, and another try. */
export function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const router = useRouter();
  const [pending, startTransition] = useTransition();
  return (
    <div role="alert" className="mx-auto grid max-w-md gap-3 py-[12dvh]">
      <h1 className="font-semibold text-lg">This page could not be loaded</h1>
      <p className="text-muted">
        Something went wrong on our side, or the connection was lost. Nothing you entered elsewhere is affected. Try again; if it stays,
        pass on the number below.
      </p>
      {error.digest ? (
        <p className="text-sm">
          Error number <code className="select-all text-xs">{error.digest}</code>
        </p>
      ) : null}
      <div>
        <Button
          variant="primary"
          pending={pending}
          onClick={() =>
            startTransition(() => {
              router.refresh();
              reset();
            })
          }
        >
          Try again
        </Button>
      </div>
    </div>
  );
}
