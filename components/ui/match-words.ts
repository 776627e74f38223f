/**
 * How well an entry fits what was typed, 0 (hidden) to 1: every typed word must occur; an entry with a word that begins with
 * the first of them comes before one that only contains it.
 */
export function matchWords(value: string, search: string, keywords: string[] = []): number {
  const words = search.toLocaleLowerCase().split(/\s+/u).filter(Boolean);
  // Keywords are the words a person sees; the value alone (an id) is only searched when there are none.
  const text = (keywords.length > 0 ? keywords.join(" ") : value).toLocaleLowerCase();
  if (!words.every((word) => text.includes(word))) return 0;
  const [first = ""] = words;
  if (text.startsWith(first)) return 1;
  return text.split(/[\s/:_.-]+/u).some((part) => part.startsWith(first)) ? 0.9 : 0.5;
}
