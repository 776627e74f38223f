/** Ends the session and leaves; a full page load, so that nothing of the person stays in memory. */
export async function signOut(): Promise<void> {
  await fetch("/auth/sign-out", { method: "POST", redirect: "manual" });
  location.assign("/login");
}
