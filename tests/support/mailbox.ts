import type { TestStack } from "./stack.ts";

type Mail = { to: string; subject: string; html: string };

/** The link to the product in the newest mail to an address whose subject matches; waits until it is there. */
export async function mailedLink(stack: TestStack, to: string, subject: RegExp): Promise<string> {
  const until = Date.now() + 15_000;
  while (Date.now() < until) {
    const mails = (await (await fetch(`${stack.mailboxUrl}/messages?to=${encodeURIComponent(to)}`)).json()) as Mail[];
    const html = mails.findLast((mail) => subject.test(mail.subject))?.html ?? mails.find((mail) => subject.test(mail.subject))?.html;
    const link = html?.replaceAll("&amp;", "&").match(/https?:[^"\s<]*\/auth\/confirm\?[^"\s<]*/)?.[0];
    if (link) return link;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`No mail to ${to} with a subject like ${subject}.`);
}
