/** Holds the path a person was going to while they open the link in their mail. */
export const NEXT_COOKIE = "after_sign_in";
