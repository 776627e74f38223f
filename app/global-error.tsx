"use client";

/** The last net: even the root layout failed, so it brings its own page and leans on nothing. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body
        style={{
          fontFamily: "system-ui, sans-serif",
          maxWidth: "28rem",
          margin: "12dvh auto",
          padding: "0 1rem",
          lineHeight: 1.5,
          colorScheme: "light dark",
        }}
      >
        <title>TokenTRA could not be loaded</title>
        <h1 style={{ fontSize: "1.25rem" }}>TokenTRA could not be loaded</h1>
        <p>Something went wrong on our side. Try again; if it stays, pass on the number below.</p>
        {error.digest ? (
          <p>
            Error number <code>{error.digest}</code>
          </p>
        ) : null}
        <button type="button" onClick={reset} style={{ font: "inherit", padding: "0.4rem 0.8rem" }}>
          Try again
        </button>
      </body>
    </html>
  );
}
