import { escapeHtml, type Mailbox, type StoredMail } from "./mailbox.ts";

/** The mailbox over HTTP: `/mailbox` and `/mailbox/<id>` for people, `/mailbox/messages` (JSON, `?to=`) for tests. */
export function serveMailbox(mailbox: Mailbox, url: URL): Response {
  const to = url.searchParams.get("to");
  if (url.pathname === "/mailbox/messages") return Response.json(mailbox.list(to));
  if (url.pathname === "/mailbox" || url.pathname === "/mailbox/") return page("Mailbox", list(mailbox.list(to), to));
  const [, id = "", part] = /^\/mailbox\/([0-9a-f-]{36})(\/body)?$/.exec(url.pathname) ?? [];
  const mail = mailbox.find(id);
  if (!mail) return page("Not found", `<p>No such message. <a href="/mailbox">Back to the mailbox</a></p>`, 404);
  return part ? html(mail.html) : page(mail.subject, message(mail));
}

function list(mails: StoredMail[], to: string | null): string {
  const filter = `<form><label>To <input name="to" type="search" value="${escapeHtml(to ?? "")}"></label> <button>Filter</button></form>`;
  if (mails.length === 0) return `${filter}<p>No mail yet. What the local stack sends appears here; reload the page.</p>`;
  const rows = mails.map(
    (mail) =>
      `<tr><td><time datetime="${mail.sent_at}">${mail.sent_at.slice(0, 19).replace("T", " ")}</time></td><td>${escapeHtml(mail.to)}</td><td><a href="/mailbox/${mail.id}">${escapeHtml(mail.subject)}</a></td></tr>`,
  );
  return `${filter}<table><thead><tr><th scope="col">Sent (UTC)</th><th scope="col">To</th><th scope="col">Subject</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function message(mail: StoredMail): string {
  const links = mail.links.map((link) => `<li><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></li>`).join("");
  return `<p><a href="/mailbox">All mail</a></p><p>To ${escapeHtml(mail.to)}, ${mail.sent_at}</p><ul>${links}</ul>
<iframe title="Message" src="/mailbox/${mail.id}/body" sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"></iframe>`;
}

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.5rem;border-bottom:1px solid #8886;overflow-wrap:anywhere}
li{overflow-wrap:anywhere}iframe{width:100%;height:32rem;border:1px solid #8886;background:#fff}`;

function page(title: string, body: string, status = 200): Response {
  return html(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`,
    status,
  );
}

function html(content: string, status = 200): Response {
  return new Response(content, { status, headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } });
}
