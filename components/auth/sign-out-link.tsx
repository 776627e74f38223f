/** Signs out without script; comes back at the sign-in page. */
export function SignOutLink({ label = "Sign out" }: { label?: string }) {
  return (
    <form method="post" action="/auth/sign-out">
      <button type="submit" className="link">
        {label}
      </button>
    </form>
  );
}
