/** Remembers whether the rail is narrow; "collapsed" or "open". A cookie, so that the server draws it right at once. */
export const RAIL_COOKIE = "rail";
