import { randomUUID } from "node:crypto";

export type Mail = { to: string; subject: string; text: string; html: string; otp?: string };
export type StoredMail = Mail & { id: string; sent_at: string; links: string[] };

const keep = 500;

/** Mail that would have been sent. Kept in memory, newest first; nothing leaves the machine. */
export class Mailbox {
  readonly #mails: StoredMail[] = [];

  deliver(mail: Mail): void {
    const links = [...mail.html.matchAll(/href="([^"]+)"/g)].map((match) => unescapeHtml(match[1] ?? ""));
    this.#mails.unshift({ ...mail, id: randomUUID(), sent_at: new Date().toISOString(), links });
    this.#mails.length = Math.min(this.#mails.length, keep);
  }

  /** All mail, or only that to one address (letter case does not matter). */
  list(to?: string | null): StoredMail[] {
    return to ? this.#mails.filter((mail) => mail.to.toLowerCase() === to.toLowerCase()) : [...this.#mails];
  }

  find(id: string): StoredMail | undefined {
    return this.#mails.find((mail) => mail.id === id);
  }
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function unescapeHtml(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&gt;", ">").replaceAll("&lt;", "<").replaceAll("&amp;", "&");
}
