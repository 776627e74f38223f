/** How a statement was refused, as a client sees it: `{ code: "conflict", field: "slug", message }`, or null when it went through. */
export async function refusal(work: Promise<unknown>): Promise<{ code: string; field: string | null; message: string } | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const { code = "", detail, message } = error as { code?: string; detail?: string; message: string };
    if (!code.startsWith("PT")) return { code, field: null, message };
    return { ...(JSON.parse(detail ?? "{}") as { code: string; field: string | null }), message };
  }
}
